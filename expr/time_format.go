package expr

import (
	"strings"
	"sync"
)

// fmtNode is one item of a to_char or to_timestamp template: a field, or literal text.
type fmtNode struct {
	key    string // the field in upper case, "" for text
	text   string
	style  byte // of names: 'U' upper case, 'C' capital, 'l' lower case
	fill   bool // FM: no blanks or zeros in front
	suffix byte // 'T' TH, 't' th
}

// timeKeys are the fields, longer ones before those they begin with.
var timeKeys = []string{"SSSSS", "SSSS", "Y,YYY", "IDDD", "YYYY", "IYYY", "MONTH", "HH24", "HH12", "A.D.", "B.C.", "A.M.", "P.M.",
	"YYY", "IYY", "DAY", "DDD", "MON", "TZH", "TZM", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6",
	"AD", "BC", "AM", "PM", "CC", "DD", "DY", "HH", "ID", "IW", "IY", "MI", "MM", "MS", "OF", "RM", "SS", "TZ", "US", "WW", "YY",
	"D", "I", "J", "Q", "W", "Y"}

var timeFormats sync.Map // template → []fmtNode

// parseTimeFormat parts a template; templates are few, so the result is kept.
func parseTimeFormat(s string) []fmtNode {
	if n, ok := timeFormats.Load(s); ok {
		return n.([]fmtNode)
	}
	nodes := scanTimeFormat(s)
	timeFormats.Store(strings.Clone(s), nodes)
	return nodes
}

func scanTimeFormat(s string) []fmtNode {
	var out []fmtNode
	text := func(t string) {
		if k := len(out) - 1; k >= 0 && out[k].key == "" {
			out[k].text += t
			return
		}
		out = append(out, fmtNode{text: t})
	}
	for s != "" {
		fill := false
		if up := strings.ToUpper(s[:min(2, len(s))]); up == "FM" || up == "FX" {
			fill = up == "FM"
			s = s[2:]
		}
		if s != "" && s[0] == '"' {
			s = s[1:]
			for s != "" && s[0] != '"' {
				if s[0] == '\\' && len(s) > 1 {
					s = s[1:]
				}
				text(s[:1])
				s = s[1:]
			}
			s = strings.TrimPrefix(s, `"`)
			continue
		}
		key := timeKeyAt(s)
		if key == "" {
			if s != "" {
				if s[0] == '\\' && len(s) > 1 && s[1] == '"' {
					s = s[1:]
				}
				text(s[:1])
				s = s[1:]
			}
			continue
		}
		n := fmtNode{key: key, style: nameStyle(s[:len(key)]), fill: fill}
		s = s[len(key):]
		if len(s) >= 2 && (s[:2] == "TH" || s[:2] == "th") {
			n.suffix = s[0]
			s = s[2:]
		} else if len(s) >= 2 && strings.EqualFold(s[:2], "TM") {
			s = s[2:]
		}
		out = append(out, n)
	}
	return out
}

func timeKeyAt(s string) string {
	for _, k := range timeKeys {
		if len(s) >= len(k) && strings.EqualFold(s[:len(k)], k) {
			return k
		}
	}
	return ""
}

// nameStyle says how a name is written that stands so in the template.
func nameStyle(s string) byte {
	switch {
	case s[0] >= 'a' && s[0] <= 'z':
		return 'l'
	case len(s) > 1 && s[1] >= 'a' && s[1] <= 'z':
		return 'C'
	}
	return 'U'
}
