/// The fault harness: a seed, a number of jobs and kinds of fault come in; out goes whether the history of all jobs
/// holds,
/// with a table of what was done to them.
///
/// [io.zoetrope.chaos.Chaos] starts a broker, a store and workers as processes, [io.zoetrope.chaos.Load] keeps them
/// busy, one [io.zoetrope.chaos.Lane] for each kind of fault injects what its [io.zoetrope.chaos.FaultPlan] says where
/// the [io.zoetrope.chaos.Observer] sees a worker at the planned place, and at last
/// [io.zoetrope.chaos.History] judges, from nothing but the topics, the store and the list of what was submitted.
package io.zoetrope.chaos;
