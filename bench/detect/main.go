// Command detect measures the outage detector on simulated services, next to
// the usual ways of finding outages in report counts. For every detector it
// prints how often it raises a false alarm, what it catches and how late. The
// worlds depend on the seed alone.
//
//	go run ./bench/detect -seed 2 -reps 4
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
)

func main() {
	seed := flag.Uint64("seed", 2, "suite of worlds; 1 is the one to tune on")
	reps := flag.Int("reps", 4, "worlds for each of the 42 scenarios")
	asJSON := flag.Bool("json", false, "print an array of objects instead of a table")
	flag.Parse()
	if *reps < 1 || *reps > 1000 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	rows := compare(plan(*seed, *reps), contenders())
	write := writeTable
	if *asJSON {
		write = writeJSON
	}
	if err := write(os.Stdout, rows); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// trial is one world to draw.
type trial struct {
	scenario scenario
	seed     uint64
}

// plan is the worlds of a suite.
func plan(suite uint64, reps int) []trial {
	var all []trial
	for i, s := range scenarios() {
		for rep := range reps {
			all = append(all, trial{s, suite*1_000_000 + uint64(i*1000+rep)})
		}
	}
	return all
}

// compare lets every contender watch every world, on all processors.
func compare(trials []trial, list []contender) []row {
	tallies := make([][]tally, len(trials))
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				tallies[i] = try(trials[i], list)
			}
		})
	}
	for i := range trials {
		next <- i
	}
	close(next)
	wg.Wait()
	return summarise(tallies, list)
}

// try returns what each contender makes of one world.
func try(t trial, list []contender) []tally {
	w := newWorld(t.scenario, t.seed)
	tallies := make([]tally, len(list))
	for i, c := range list {
		tallies[i].add(w, watch(c.make(), w))
	}
	return tallies
}

// summarise adds the worlds up, in their order, and measures the cost.
func summarise(tallies [][]tally, list []contender) []row {
	rows := make([]row, len(list))
	for i, c := range list {
		var sum tally
		for _, t := range tallies {
			sum.merge(&t[i])
		}
		rows[i] = newRow(c, &sum)
		rows[i].Nanoseconds = cost(c)
	}
	return rows
}
