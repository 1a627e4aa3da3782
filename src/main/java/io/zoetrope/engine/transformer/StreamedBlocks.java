package io.zoetrope.engine.transformer;

import io.zoetrope.engine.checkpoint.LinearWeight;
import io.zoetrope.engine.tensor.CopyLane;
import io.zoetrope.engine.tensor.DataType;
import io.zoetrope.engine.tensor.Tensor;
import io.zoetrope.engine.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Large weights of blocks that stay on the host and come to the device, a block at a time, while blocks
/// before it compute: each into its slot, which it shares with the blocks that lie a multiple of the number
/// of slots before and behind it.
///
///     slot 0   block 0 ─ computes ─▶ filled with 3 ─ computes ─▶ filled with 6 …
///     slot 1   block 1    ─ computes ─▶ filled with 4 …
///     slot 2   block 2       ─ computes ─▶ filled with 5 …
///
/// A block's weights lie one behind the other, on the host as in the slot, so that they are copied at once.
final class StreamedBlocks implements BlockSupply {

    /// A weight's place in its block.
    private record Place(LinearWeight weight, long begin) {

        long end() {
            return begin + weight.bytes();
        }
    }

    private static final long ALIGNMENT = 256;
    private static final int NOTHING = -1;

    private final CopyLane lane;
    private final List<Map<String, Place>> places; // by block, then by name
    private final List<Tensor> packed = new ArrayList<>(); // uint8, by block, on the host
    private final Tensor[] slots; // uint8, on the device
    private final int[] holds; // the block that is in a slot or on its way there

    /// @param blocks weights of each block, on the host, by name
    /// @param slots  at least 1; with 1 nothing is copied while something computes
    StreamedBlocks(List<Map<String, LinearWeight>> blocks, CopyLane lane, int slots) {
        this.lane = lane;
        this.places = blocks.stream().map(StreamedBlocks::placed).toList();
        for (Map<String, Place> block : places) {
            packed.add(pack(block, lane));
        }
        int count = Math.min(slots, blocks.size());
        this.slots =
                lane.slots(count, packed.stream().mapToLong(Tensor::count).max().orElse(0));
        this.holds = new int[count];
        Arrays.fill(holds, NOTHING);
        for (int block = 0; block < count; block++) {
            fill(block, block);
        }
    }

    /// The weights as the device sees them when it is their turn, by name.
    Map<String, Tensor> views() {
        Map<String, Tensor> views = new HashMap<>();
        for (int block = 0; block < places.size(); block++) {
            Tensor slot = slots[slotOf(block)];
            places.get(block).forEach((name, place) -> views.put(name, view(slot, place)));
        }
        return views;
    }

    @Override
    public void begin(int block) {
        int slot = slotOf(block);
        if (holds[slot] != block) { // the pass before was called off
            lane.release(slot);
            fill(slot, block);
        }
        lane.await(slot);
    }

    @Override
    public void end(int block) {
        int slot = slotOf(block);
        lane.release(slot);
        int next = block + slots.length < places.size() ? block + slots.length : slot;
        if (next != block) {
            fill(slot, next);
        }
    }

    private int slotOf(int block) {
        return block % slots.length;
    }

    private void fill(int slot, int block) {
        lane.fill(slot, packed.get(block));
        holds[slot] = block;
    }

    private static Map<String, Place> placed(Map<String, LinearWeight> weights) {
        Map<String, Place> placed = new LinkedHashMap<>();
        long begin = 0;
        for (Map.Entry<String, LinearWeight> named : weights.entrySet()) {
            Place place = new Place(named.getValue(), begin);
            placed.put(named.getKey(), place);
            begin = (place.end() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        return placed;
    }

    private static Tensor pack(Map<String, Place> block, CopyLane lane) {
        long bytes = block.values().stream().mapToLong(Place::end).max().orElse(0);
        Tensor packed = lane.host(bytes);
        try (TensorScope _ = TensorScope.open()) {
            block.values().forEach(place -> {
                Tensor _ = view(packed, place).copyInPlace(place.weight().stored());
            });
        }
        return packed;
    }

    private static Tensor view(Tensor bytes, Place place) {
        Tensor stored = place.weight().stored();
        DataType type = stored.type();
        return bytes.narrow(0, place.begin(), stored.bytes()).bitsAs(type).view(stored.shape());
    }
}
