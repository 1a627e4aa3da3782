package io.zoetrope.worker.intake;

import io.zoetrope.request.Priority;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// Whose turn it is: shares the records that a worker takes among the lanes that have some, by weight, so that the
/// higher go first and none starves. Fairness between tenants would have its place here, one level below the lanes.
///
/// It goes by what is known of the backlog from outside ([Backlog]), never by polling a lane that may be empty: a
/// share consumer that has polled in vain goes on fetching behind the scenes, and would lock the next record for a slot
/// that is busy with another.
final class Turns {

    private static final Duration DRY = Duration.ofSeconds(30);

    private final List<Lane> lanes;
    private final long[] credit;
    private final long[] backlog;
    private final long[] dryBacklog; // the backlog with which a lane gave nothing; -1 if it gave something last
    private final long[] dryUntil; // of System.nanoTime()
    private int resting; // the lane to wait at when none is known to have work

    /// @param lanes the higher first
    Turns(List<Lane> lanes) {
        this.lanes = List.copyOf(lanes);
        this.credit = new long[lanes.size()];
        this.backlog = new long[lanes.size()];
        this.dryBacklog = new long[lanes.size()];
        this.dryUntil = new long[lanes.size()];
        Arrays.fill(dryBacklog, -1);
        for (int lane = 0; lane < lanes.size(); lane++) {
            if (lanes.get(lane).priority() == Priority.NORMAL) {
                resting = lane;
            }
        }
    }

    /// The records of each lane that are not settled, those that workers hold included.
    synchronized void known(List<Long> unsettled) {
        for (int lane = 0; lane < lanes.size(); lane++) {
            backlog[lane] = unsettled.get(lane);
        }
    }

    /// The lane to take the next record from.
    synchronized Lane next() {
        int best = -1;
        for (int lane = 0; lane < lanes.size(); lane++) {
            if (hasWork(lane) && (best < 0 || claim(lane) > claim(best))) {
                best = lane;
            }
        }
        return lanes.get(best < 0 ? resting : best);
    }

    /// Whether records of a lane are not settled.
    synchronized boolean waits(Lane lane) {
        return backlog[lanes.indexOf(lane)] > 0;
    }

    /// A lane gave a record.
    synchronized void gave(Lane given) {
        int served = lanes.indexOf(given);
        long all = 0;
        for (int lane = 0; lane < lanes.size(); lane++) {
            if (hasWork(lane) || lane == served) {
                credit[lane] += lanes.get(lane).weight();
                all += lanes.get(lane).weight();
            }
        }
        credit[served] -= all;
        backlog[served] = Math.max(0, backlog[served] - 1);
        dryBacklog[served] = -1;
        resting = served;
    }

    /// A lane gave nothing: what is not settled there is in the hands of other workers.
    synchronized void gaveNothing(Lane lane) {
        int empty = lanes.indexOf(lane);
        dryBacklog[empty] = backlog[empty];
        dryUntil[empty] = System.nanoTime() + DRY.toNanos();
        credit[empty] = 0; // who had nothing to give saves nothing up
    }

    private long claim(int lane) {
        return credit[lane] + lanes.get(lane).weight();
    }

    private boolean hasWork(int lane) {
        boolean dry =
                dryBacklog[lane] >= 0 && backlog[lane] <= dryBacklog[lane] && System.nanoTime() - dryUntil[lane] < 0;
        return backlog[lane] > 0 && !dry;
    }
}
