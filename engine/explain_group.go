package engine

import (
	"encoding/json"
	"encoding/xml"
	"strconv"
	"strings"
)

// group is a part of what EXPLAIN says, in order.
type group []entry

// entry is a name with a value: a string, bool, int64, decimal, []string, group or []group.
type entry struct {
	key string
	val any
}

// decimal is a number with fixed digits after the point.
type decimal struct {
	v      float64
	digits int
}

func (g *group) add(key string, val any) { *g = append(*g, entry{key, val}) }

func (d decimal) String() string { return strconv.FormatFloat(d.v, 'f', d.digits, 64) }

// scalar prints a simple value; quote is how texts are written.
func scalar(v any, quote func(string) string) string {
	switch v := v.(type) {
	case string:
		return quote(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case decimal:
		return v.String()
	}
	return ""
}

func quoteJSON(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// writeJSON writes a group as PostgreSQL does.
func writeJSON(b *strings.Builder, g group, indent string) {
	b.WriteString("{\n")
	inner := indent + "  "
	for i, e := range g {
		if i > 0 {
			b.WriteString(",\n")
		}
		b.WriteString(inner + quoteJSON(e.key) + ": ")
		switch v := e.val.(type) {
		case group:
			writeJSON(b, v, inner)
		case []group:
			b.WriteString("[\n")
			for k, x := range v {
				if k > 0 {
					b.WriteString(",\n")
				}
				b.WriteString(inner + "  ")
				writeJSON(b, x, inner+"  ")
			}
			b.WriteString("\n" + inner + "]")
		case []string:
			parts := make([]string, len(v))
			for k, x := range v {
				parts[k] = quoteJSON(x)
			}
			b.WriteString("[" + strings.Join(parts, ", ") + "]")
		default:
			b.WriteString(scalar(v, quoteJSON))
		}
	}
	b.WriteString("\n" + indent + "}")
}

// writeYAML writes the entries of a group, the first one where the line stands.
func writeYAML(b *strings.Builder, g group, indent string) {
	for i, e := range g {
		if i > 0 {
			b.WriteString("\n" + indent)
		}
		b.WriteString(e.key + ": ")
		switch v := e.val.(type) {
		case group:
			b.WriteString("\n" + indent + "  ")
			writeYAML(b, v, indent+"  ")
		case []group:
			for _, x := range v {
				b.WriteString("\n" + indent + "  - ")
				writeYAML(b, x, indent+"    ")
			}
		case []string:
			for _, x := range v {
				b.WriteString("\n" + indent + "  - " + quoteJSON(x))
			}
		default:
			b.WriteString(scalar(v, quoteJSON))
		}
	}
}

func quoteXML(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return ""
	}
	return strings.NewReplacer("&#34;", "&quot;", "&#39;", "'").Replace(b.String())
}

// xmlName is a key as the name of an element.
func xmlName(key string) string {
	return strings.NewReplacer(" ", "-", "(", "", ")", "", "/", "-").Replace(key)
}

func writeXML(b *strings.Builder, g group, indent string) {
	for _, e := range g {
		name := xmlName(e.key)
		switch v := e.val.(type) {
		case group:
			b.WriteString(indent + "<" + name + ">\n")
			writeXML(b, v, indent+"  ")
			b.WriteString(indent + "</" + name + ">\n")
		case []group:
			one := strings.TrimSuffix(name, "s")
			b.WriteString(indent + "<" + name + ">\n")
			for _, x := range v {
				b.WriteString(indent + "  <" + one + ">\n")
				writeXML(b, x, indent+"    ")
				b.WriteString(indent + "  </" + one + ">\n")
			}
			b.WriteString(indent + "</" + name + ">\n")
		case []string:
			b.WriteString(indent + "<" + name + ">\n")
			for _, x := range v {
				b.WriteString(indent + "  <Item>" + quoteXML(x) + "</Item>\n")
			}
			b.WriteString(indent + "</" + name + ">\n")
		default:
			b.WriteString(indent + "<" + name + ">" + scalar(v, quoteXML) + "</" + name + ">\n")
		}
	}
}
