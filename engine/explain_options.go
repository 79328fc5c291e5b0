package engine

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// explainOptions are the options of EXPLAIN. costs, timing and summary: "" is the usual, else "on" or "off".
type explainOptions struct {
	analyze, verbose, buffers, settings bool
	costs, timing, summary              string
	format                              string // text, json, yaml, xml
}

var explainFormats = []string{"text", "json", "yaml", "xml"}

func readExplainOptions(list []ast.Option) (explainOptions, error) {
	x := explainOptions{format: "text"}
	for _, o := range list {
		v := "on"
		var err error
		if o.HasValue && o.Key != "format" {
			v, err = boolean(o.Value)
		}
		if err != nil {
			return x, sqlerr.New(sqlerr.SyntaxError, "%s requires a Boolean value", o.Key).At(int(o.Pos))
		}
		switch o.Key {
		case "analyze", "analyse":
			x.analyze = v == "on"
		case "verbose":
			x.verbose = v == "on"
		case "costs":
			x.costs = v
		case "timing":
			x.timing = v
		case "summary":
			x.summary = v
		case "buffers":
			x.buffers = v == "on"
		case "settings":
			x.settings = v == "on"
		case "wal":
			if v == "on" && !x.analyze && !analyzes(list) {
				return x, sqlerr.New(sqlerr.InvalidParameterValue, "EXPLAIN option WAL requires ANALYZE").At(int(o.Pos))
			}
		case "format":
			if !o.HasValue {
				return x, sqlerr.New(sqlerr.SyntaxError, "format requires a parameter").At(int(o.Pos))
			}
			if x.format = strings.ToLower(o.Value); !slices.Contains(explainFormats, x.format) {
				return x, sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized value for EXPLAIN option \"format\": %q", o.Value).At(int(o.Pos)).
					WithHint("Formats: %s.", strings.Join(explainFormats, ", "))
			}
		default:
			return x, sqlerr.New(sqlerr.SyntaxError, "unrecognized EXPLAIN option %q", o.Key).At(int(o.Pos))
		}
	}
	if x.timing == "on" && !x.analyze {
		return x, sqlerr.New(sqlerr.InvalidParameterValue, "EXPLAIN option TIMING requires ANALYZE")
	}
	return x, nil
}

// analyzes says whether the options ask for ANALYZE.
func analyzes(list []ast.Option) bool {
	on := false
	for _, o := range list {
		if o.Key == "analyze" || o.Key == "analyse" {
			v, err := boolean(o.Value)
			on = !o.HasValue || err == nil && v == "on"
		}
	}
	return on
}

func explainColumns(st *ast.Explain) ([]Column, error) {
	if st.Watermark != nil {
		return watermarkColumns, nil
	}
	x, err := readExplainOptions(st.Options)
	if err != nil {
		return nil, err
	}
	t := types.Text
	if x.format == "json" {
		t = types.JSON
	}
	return []Column{{Name: "QUERY PLAN", Type: t}}, nil
}
