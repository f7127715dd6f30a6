package main

import (
	"math"
	"slices"
	"time"
)

const (
	rounds    = 5
	roundTime = 100 * time.Millisecond
)

// Times of single calls, in whole nanoseconds of the monotonic clock, reading it included.
type Times struct {
	median, p99 int64
	samples     int
}

// measure warms up for a quarter of a second and then runs five rounds. Each has its own median and p99, exact from
// all its samples, and the lowest of the five stand, because a neighbour's burst can only add. Garbage collection is
// part of it.
func measure(batch int, call func(int)) Times {
	base := time.Now()
	next := 0
	for time.Since(base) < roundTime*5/2 {
		call(next)
		next++
	}
	best := Times{median: math.MaxInt64, p99: math.MaxInt64}
	times := make([]int64, 0, 1<<18)
	for range rounds {
		times = times[:0]
		begin := time.Since(base)
		// Slow engines get up to six times as long, so that their p99 has samples above it.
		for len(times) < cap(times) {
			start := time.Since(base)
			if took := start - begin; took >= roundTime && (len(times) >= 1000 || took >= 6*roundTime) {
				break
			}
			for range batch {
				call(next)
				next++
			}
			times = append(times, int64(time.Since(base)-start)/int64(batch))
		}
		slices.Sort(times)
		best.samples += len(times)
		best.median = min(best.median, times[len(times)/2])
		best.p99 = min(best.p99, times[len(times)*99/100])
	}
	return best
}

// clock is what reading the clock costs: the median of pairs of readings with nothing between them.
func clock() int64 {
	base := time.Now()
	times := make([]int64, 100_000)
	for i := range times {
		start := time.Since(base)
		times[i] = int64(time.Since(base) - start)
	}
	slices.Sort(times)
	return times[len(times)/2]
}
