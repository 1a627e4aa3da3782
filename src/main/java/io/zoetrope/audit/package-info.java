/// What happened: facts of the worker come in, CloudEvents for the topics go out, and the other way round a trail of
/// facts comes in and the state of its job goes out.
///
/// A fact is a [io.zoetrope.audit.GenerationEvent]. [io.zoetrope.audit.EventCodec] turns facts into CloudEvents
/// and back, [io.zoetrope.audit.JobHistory] folds the facts of one job into its [io.zoetrope.audit.JobState]
/// and says which of them counted. [io.zoetrope.audit.JobSummary], [io.zoetrope.audit.ResultMessage],
/// [io.zoetrope.audit.DeadLetter] and [io.zoetrope.audit.CancelCommand] are the contents of the other topics,
/// written and read by [io.zoetrope.audit.MessageCodec]. The JSON Schemas of everything lie in
/// `contract/schemas`.
package io.zoetrope.audit;
