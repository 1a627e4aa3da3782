/// What the state of all jobs says comes in; jobs that nobody has any more go out: published again, ended, or
/// announced once more.
///
/// A broker drops a record without a trace after its last delivery or at the end of its topic's retention, and a worker
/// may die between ending a job and saying so. [io.zoetrope.worker.reaper.Reaper] reads the compacted topic of
/// summaries, [io.zoetrope.worker.reaper.WatchedJobs] keeps those that have not ended, and
/// [io.zoetrope.worker.reaper.SilentJobs] decides what becomes of one that has been silent for long.
package io.zoetrope.worker.reaper;
