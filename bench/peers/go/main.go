// The peers of Go: `go-peers opa|cel|casbin FILE`. Prints one JSON object.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

type Rule struct {
	Deny           bool     `json:"deny"`
	Actions        []string `json:"actions"`
	Prefix         string   `json:"prefix"`
	Only           bool     `json:"only"`
	Suffix         string   `json:"suffix"`
	NotSuffix      string   `json:"not_suffix"`
	FilenameSuffix string   `json:"filename_suffix"`
	SizeOver       int64    `json:"size_over"`
}

type Query struct {
	Action, Resource, Filename string
	Size                       int64
	Allowed                    bool
}

type Workload struct {
	Name    string
	Layers  [][]Rule
	Queries []Query
	Systems map[string][]string // and their actions
}

// Engine has one workload loaded: build makes of a request what decide takes.
type Engine struct {
	name, module string
	build        func(Query) any
	decide       func(any) bool
}

const patience = 5 * time.Second

func version(module string) string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return strings.TrimPrefix(dependency.Version, "v")
		}
	}
	return "unknown"
}

func run(load func(Workload) Engine, work Workload) map[string]any {
	begin := time.Now()
	engine := load(work)
	row := map[string]any{"engine": engine.name, "version": version(engine.module), "workload": work.Name,
		"load_ms": time.Since(begin).Milliseconds()}
	var built []any
	begin = time.Now()
	for i, query := range work.Queries {
		built = append(built, engine.build(query))
		if engine.decide(built[i]) != query.Allowed {
			fmt.Fprintf(os.Stderr, "%s: another answer for %s %s\n", engine.name, query.Action, query.Resource)
			os.Exit(1)
		}
		// Whoever is too slow for all of them is timed on those that were answered.
		if time.Since(begin) > patience {
			break
		}
	}
	count := len(built)
	row["answered"] = count
	single := measure(1, func(i int) { engine.decide(built[i%count]) })
	row["single_median_ns"], row["p99_ns"], row["samples"] = single.median, single.p99, single.samples
	row["median_ns"] = single.median
	if single.median < 20_000 {
		row["median_ns"] = measure(64, func(i int) { engine.decide(built[i%count]) }).median
	}
	with := measure(1, func(i int) { engine.decide(engine.build(work.Queries[i%count])) })
	row["request_median_ns"], row["request_p99_ns"] = with.median, with.p99
	row["clock_ns"] = clock()
	return row
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	var work Workload
	if err := json.Unmarshal(must(os.ReadFile(os.Args[2])), &work); err != nil {
		panic(err)
	}
	load := map[string]func(Workload) Engine{"opa": opa, "cel": celGo, "casbin": casbinGo}[os.Args[1]]
	fmt.Println(string(must(json.Marshal(run(load, work)))))
}
