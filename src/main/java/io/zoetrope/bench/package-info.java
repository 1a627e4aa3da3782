/// Measurements that the program can make of itself: a choice of sizes comes in, figures go out.
///
/// What is measured is the product's own code on models that this package makes, so that nobody needs a checkpoint to
/// measure a machine. May use the engine, the artifact store and the worker; only the command line uses it.
package io.zoetrope.bench;
