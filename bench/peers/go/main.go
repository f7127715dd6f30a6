// The peers of Go: `go-peers opa|cel|casbin FILE`. Prints one JSON object.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
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
}

// Engine has one workload loaded: build makes of a request what decide takes.
type Engine struct {
	name, module string
	build        func(Query) any
	decide       func(any) bool
}

// prefixes of `docs:/a/b`: `docs:`, `docs:/a`, `docs:/a/b`.
func prefixes(resource string) []string {
	end := strings.IndexByte(resource, ':') + 1
	all := []string{resource[:end]}
	for end < len(resource) {
		if at := strings.IndexByte(resource[end+1:], '/'); at >= 0 {
			end += 1 + at
		} else {
			end = len(resource)
		}
		all = append(all, resource[:end])
	}
	return all
}

// index has a layer's rules by effect and path, as plain data.
func index(layers [][]Rule) []any {
	var all []any
	for _, rules := range layers {
		by := map[string]any{"allow": map[string]any{}, "deny": map[string]any{}}
		for _, rule := range rules {
			effect := "allow"
			if rule.Deny {
				effect = "deny"
			}
			at := by[effect].(map[string]any)
			list, _ := at[rule.Prefix].([]any)
			var actions []any
			for _, action := range rule.Actions {
				actions = append(actions, action)
			}
			at[rule.Prefix] = append(list, map[string]any{"actions": actions, "only": rule.Only, "suffix": rule.Suffix,
				"not_suffix": rule.NotSuffix, "filename_suffix": rule.FilenameSuffix, "size_over": rule.SizeOver})
		}
		all = append(all, by)
	}
	return all
}

// percentiles of single decisions in nanoseconds: of three seconds, the first quarter of a second left out.
func percentiles(decide func(int)) (int64, int64) {
	var times []int64
	begin := time.Now()
	for i := 0; time.Since(begin) < 3*time.Second && len(times) < 200_000; i++ {
		start := time.Now()
		decide(i)
		took := time.Since(start)
		if time.Since(begin) > 250*time.Millisecond {
			times = append(times, int64(took))
		}
	}
	slices.Sort(times)
	return times[len(times)/2], times[len(times)*99/100]
}

func version(module string) string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return strings.TrimPrefix(dependency.Version, "v")
		}
	}
	return "unknown"
}

func run(engine Engine, work Workload) map[string]any {
	row := map[string]any{"engine": engine.name, "version": version(engine.module), "workload": work.Name}
	count := len(work.Queries)
	built := make([]any, count)
	begin := time.Now()
	for i, query := range work.Queries {
		built[i] = engine.build(query)
		if engine.decide(built[i]) != query.Allowed {
			fmt.Fprintf(os.Stderr, "%s: another answer for %s %s\n", engine.name, query.Action, query.Resource)
			os.Exit(1)
		}
		if time.Since(begin) > 20*time.Second {
			row["skipped"] = fmt.Sprintf("answering all %d requests takes over 20 s (%d in that time)", count, i+1)
			return row
		}
	}
	row["median_ns"], row["p99_ns"] = percentiles(func(i int) { engine.decide(built[i%count]) })
	row["median_with_request_ns"], row["p99_with_request_ns"] = percentiles(func(i int) {
		engine.decide(engine.build(work.Queries[i%count]))
	})
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
	fmt.Println(string(must(json.Marshal(run(load(work), work)))))
}
