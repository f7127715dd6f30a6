# The policy of regorus and OPA. Rules are data indexed by path; the request brings the prefixes of its
# resource along, since a loop over all rules would grow with their number.
package peers
import rego.v1

default allow := false

allow if {
  count([layer | some layer in data.layers; permits(layer)]) == count(data.layers)
}

permits(layer) if {
  hit(layer.allow)
  not hit(layer.deny)
}

hit(index) if {
  some prefix in input.prefixes
  some rule in index[prefix]
  applies(rule, prefix)
}

applies(rule, prefix) if {
  covers(rule.actions)
  reaches(rule, prefix)
  endswith(input.resource, rule.suffix)
  not excluded(rule)
  endswith(input.filename, rule.filename_suffix)
  input.size > rule.size_over
}

covers(actions) if "*" in actions
covers(actions) if input.action in actions
reaches(rule, _) if not rule.only
reaches(rule, prefix) if {
  rule.only
  prefix == input.resource
}
excluded(rule) if {
  rule.not_suffix != ""
  endswith(input.resource, rule.not_suffix)
}
