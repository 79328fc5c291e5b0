package builtin

import (
	"slices"
	"testing"
)

// TestList holds the definitions to what the server relies on.
func TestList(t *testing.T) {
	kinds := []string{"string", "int", "bool", "duration", "size", "enum", "list"}
	seen := map[string]bool{}
	for _, d := range Connectors() {
		if seen[d.Name] || d.Doc == "" || d.OpenSource == nil && d.OpenReceiver == nil && d.OpenSink == nil || d.OpenSource != nil && d.OpenReceiver != nil || (d.OpenSink != nil) != (d.Guarantee != "") {
			t.Errorf("%s: twice, or without a doc, a use or a guarantee", d.Name)
		}
		seen[d.Name] = true
		for _, o := range d.Options {
			if !slices.Contains(kinds, o.Kind) || o.Doc == "" || (o.Kind == "enum") != (len(o.Enum) > 0) || !o.Source && !o.Sink || o.Sink && d.OpenSink == nil {
				t.Errorf("%s: option %s", d.Name, o.Name)
			}
		}
	}
}
