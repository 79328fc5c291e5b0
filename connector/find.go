package connector

import "strings"

// Find finds a connector by its name, in any case. Errors: 22023 whose Column is "connector" and whose hint names those that there are for a
// sink or for a stream.
func Find(defs []Def, name string, sink bool) (*Def, error) {
	var names []string
	for i := range defs {
		if strings.EqualFold(defs[i].Name, name) {
			return &defs[i], nil
		}
		if sink && defs[i].OpenSink != nil || !sink && (defs[i].OpenSource != nil || defs[i].OpenReceiver != nil) {
			names = append(names, defs[i].Name)
		}
	}
	what := "streams"
	if sink {
		what = "sinks"
	}
	return nil, optionErr("connector", "unknown connector %q", name).WithHint("Connectors for %s: %s.", what, strings.Join(names, ", "))
}
