package io.zoetrope.worker.reaper;

import io.zoetrope.audit.JobSummary;
import io.zoetrope.request.JobId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// The jobs of one partition of the state topic that have not ended, and those that ended lately. Nothing here grows
/// with the number of jobs that were ever seen.
final class WatchedJobs {

    /// @param offset of the job's newest record
    /// @param said   when that record was written
    /// @param due    when to look at the job
    record Watched(JobSummary summary, long offset, Instant said, Instant due) {

        Watched dueAt(Instant later) {
            return new Watched(summary, offset, said, later);
        }
    }

    private record Ended(long offset, Instant due) {}

    private final ReaperSettings settings;
    private final Map<JobId, Watched> going = new LinkedHashMap<>();
    private final Map<JobId, Ended> ended = new LinkedHashMap<>();
    private long firstIgnored = Long.MAX_VALUE;

    WatchedJobs(ReaperSettings settings) {
        this.settings = settings;
    }

    /// Takes in a record of the topic.
    void said(JobSummary summary, long offset, Instant at) {
        JobId job = summary.job();
        if (summary.state().terminal()) {
            going.remove(job);
            end(job, offset, at);
            return;
        }
        // A word after the end is a late worker's: it hides the end, which has to be said again at once.
        boolean hidesTheEnd = ended.remove(job) != null;
        if (!going.containsKey(job) && going.size() >= settings.most()) {
            firstIgnored = Math.min(firstIgnored, offset);
            return;
        }
        Instant due = hidesTheEnd ? at : at.plus(settings.silence());
        going.put(job, new Watched(summary, offset, at, due));
    }

    /// The job's summary was deleted.
    void forget(JobId job) {
        going.remove(job);
        ended.remove(job);
    }

    /// Jobs that have been silent for long.
    List<Watched> silentAt(Instant now) {
        return going.values().stream().filter(job -> !job.due().isAfter(now)).toList();
    }

    /// Looks at a job again later, unless it says something before.
    void lookAgain(JobId job, Instant due) {
        going.computeIfPresent(job, (_, watched) -> watched.dueAt(due));
    }

    /// Jobs whose end is so long ago that no late worker will write any more; each is told once.
    List<JobId> settledAt(Instant now) {
        List<JobId> settled = new ArrayList<>();
        ended.forEach((job, end) -> {
            if (!end.due().isAfter(now) || ended.size() - settled.size() > settings.most()) {
                settled.add(job);
            }
        });
        return settled;
    }

    void tidied(JobId job) {
        ended.remove(job);
    }

    /// Where to read again, because there is room now for jobs that there was no room for.
    OptionalLong resumeAt() {
        if (firstIgnored == Long.MAX_VALUE || going.size() > settings.most() / 2) {
            return OptionalLong.empty();
        }
        OptionalLong resume = OptionalLong.of(firstIgnored);
        firstIgnored = Long.MAX_VALUE;
        return resume;
    }

    /// All that is before this offset is of no interest any more.
    ///
    /// @param position the next record to read
    long done(long position) {
        long first = Math.min(position, firstIgnored);
        for (Watched job : going.values()) {
            first = Math.min(first, job.offset());
        }
        for (Ended job : ended.values()) {
            first = Math.min(first, job.offset());
        }
        return first;
    }

    int size() {
        return going.size();
    }

    private void end(JobId job, long offset, Instant at) {
        ended.remove(job); // the newest is the last
        ended.put(job, new Ended(offset, at.plus(settings.tidyAfter())));
    }
}
