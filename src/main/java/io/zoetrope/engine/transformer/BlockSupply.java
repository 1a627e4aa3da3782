package io.zoetrope.engine.transformer;

/// Sees to it that the weights of a block are there while it computes. Blocks are gone through in order,
/// again and again; a pass that is called off begins anew with the first.
interface BlockSupply {

    /// All weights are there.
    BlockSupply RESIDENT = new BlockSupply() {
        @Override
        public void begin(int block) {}

        @Override
        public void end(int block) {}
    };

    /// A block is to compute next.
    void begin(int block);

    /// Whatever the block computes has been begun.
    void end(int block);
}
