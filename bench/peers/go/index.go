package main

import (
	"strconv"
	"strings"
)

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

func conditional(rule Rule) bool {
	return rule.Suffix != "" || rule.NotSuffix != "" || rule.FilenameSuffix != "" || rule.SizeOver >= 0
}

// inner is the map at that name, made where there is none.
func inner(at map[string]any, name string) map[string]any {
	if at[name] == nil {
		at[name] = map[string]any{}
	}
	return at[name].(map[string]any)
}

// layerName is as peers.rego has it.
func layerName(i int) string {
	return "layer_" + strconv.Itoa(i)
}

// index has the rules as peers.rego reads them: by layer, effect, kind, path and action, `*` written out.
func index(work Workload) map[string]any {
	all := map[string]any{}
	for i, rules := range work.Layers {
		layer := inner(all, layerName(i))
		for _, effect := range []string{"allow", "deny"} {
			for _, kind := range []string{"below", "exact", "when"} {
				inner(inner(layer, effect), kind)
			}
		}
		for _, rule := range rules {
			effect := "allow"
			if rule.Deny {
				effect = "deny"
			}
			actions := rule.Actions
			if actions[0] == "*" {
				system, _, _ := strings.Cut(rule.Prefix, ":")
				actions = work.Systems[system]
			}
			for _, action := range actions {
				switch {
				case conditional(rule):
					if rule.Only {
						panic("no workload has a conditional rule for just one path")
					}
					at := inner(inner(inner(layer, effect), "when"), rule.Prefix)
					list, _ := at[action].([]any)
					at[action] = append(list, map[string]any{"suffix": rule.Suffix, "not_suffix": rule.NotSuffix,
						"filename_suffix": rule.FilenameSuffix, "size_over": rule.SizeOver})
				case rule.Only:
					inner(inner(inner(layer, effect), "exact"), rule.Prefix)[action] = true
				default:
					inner(inner(inner(layer, effect), "below"), rule.Prefix)[action] = true
				}
			}
		}
	}
	return all
}
