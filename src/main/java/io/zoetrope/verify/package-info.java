/// Is this build, on this device, the model? Golden cases (weights, inputs and the outputs of the reference
/// implementation) come in, a [io.zoetrope.verify.Verdict] for each goes out, and a page of them
/// ([io.zoetrope.verify.ParityPage]). The same checks run in the tests
/// and behind `zoetrope verify`.
package io.zoetrope.verify;
