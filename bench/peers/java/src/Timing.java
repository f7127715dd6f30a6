import java.util.Arrays;
import java.util.function.IntConsumer;

/** How the JVM's engine is timed: as timing.rs, timing.go and timing.h do (docs/peers.md, "How it is measured"). */
final class Timing {
    private static final long ROUND = 100_000_000L;

    long median = Long.MAX_VALUE;
    long p99 = Long.MAX_VALUE;
    int samples;

    /**
     * Warms up, then five rounds of single calls in nanoseconds, reading the clock included. Each has its own median
     * and p99, exact from all its samples, and the lowest of the five stand, because a neighbour's burst can only add.
     * Garbage collection and late compilation are part of it.
     */
    static Timing measure(long warmUp, int batch, IntConsumer call) {
        Timing best = new Timing();
        long[] times = new long[1 << 18];
        int next = 0;
        for (long begin = System.nanoTime(); System.nanoTime() - begin < warmUp;) {
            call.accept(next++);
        }
        for (int round = 0; round < 5; round++) {
            int count = 0;
            // Slow engines get up to six times as long, so that their p99 has samples above it.
            for (long begin = System.nanoTime(); count < times.length;) {
                long start = System.nanoTime();
                if (start - begin >= ROUND && (count >= 1000 || start - begin >= 6 * ROUND)) {
                    break;
                }
                for (int i = 0; i < batch; i++) {
                    call.accept(next++);
                }
                times[count++] = (System.nanoTime() - start) / batch;
            }
            Arrays.sort(times, 0, count);
            best.samples += count;
            best.median = Math.min(best.median, times[count / 2]);
            best.p99 = Math.min(best.p99, times[(int) (count * 99L / 100)]);
        }
        return best;
    }

    /** What reading the clock costs: the median of pairs of readings with nothing between them. */
    static long clock() {
        long[] times = new long[100_000];
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            times[i] = System.nanoTime() - start;
        }
        Arrays.sort(times);
        return times[times.length / 2];
    }
}
