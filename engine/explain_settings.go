package engine

import (
	"cmp"
	"slices"
	"strings"
)

// planSetting is a parameter that EXPLAIN (SETTINGS) tells, with its value.
type planSetting struct{ name, value string }

// planSettings are the session's parameters that bear on plans and are not as usual, by name.
func (s *session) planSettings() []planSetting {
	out := []planSetting{}
	tell := func(x *setting) {
		if v, ok := s.Setting(x.name); ok && v != x.def {
			out = append(out, planSetting{x.name, v})
		}
	}
	for i := range plannerSettings {
		tell(&plannerSettings[i])
	}
	for _, name := range []string{"search_path", "streamsql.rules_off", "temp_buffers", "work_mem"} {
		if x := findSetting(name); x != nil {
			tell(x)
		}
	}
	slices.SortFunc(out, func(a, b planSetting) int { return cmp.Compare(a.name, b.name) })
	return out
}

// settingsLine is the line of the text form; "" where all is as usual.
func settingsLine(list []planSetting) string {
	var parts []string
	for _, p := range list {
		parts = append(parts, p.name+" = '"+strings.ReplaceAll(p.value, "'", "''")+"'")
	}
	if parts == nil {
		return ""
	}
	return "Settings: " + strings.Join(parts, ", ")
}
