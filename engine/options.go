package engine

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/stream"
)

// optionDef is an option that belongs to the server, not to a connector.
type optionDef struct {
	name  string
	check func(v string) error // nil: any text
}

func isInterval(v string) error { _, err := parseInterval(v); return err }

func isCount(v string) error {
	if n, err := strconv.ParseInt(v, 10, 64); err != nil || n <= 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "%q is not a positive number", v)
	}
	return nil
}

func isSize(v string) error {
	if n, err := connector.ParseSize(v); err != nil || n <= 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "%q is not a size, such as '64MB'", v)
	}
	return nil
}

func oneOf(words ...string) func(string) error {
	return func(v string) error {
		for _, w := range words {
			if strings.EqualFold(v, w) {
				return nil
			}
		}
		return sqlerr.New(sqlerr.InvalidParameterValue, "%q is not one of %s", v, strings.Join(words, ", "))
	}
}

func isStartFrom(v string) error { _, err := stream.ParseStartFrom(v); return err }

func isTrigger(v string) error { _, err := stream.ParseTrigger(v); return err }

// streamOptions may stand on every stream.
var streamOptions = []optionDef{
	{name: "connector"},
	{name: "retention", check: isInterval},
	{name: "watermark_idle_timeout", check: isInterval},
	{name: "close_after_quiet", check: isInterval},
	{name: "on_error", check: oneOf("fail", "skip", "dead_letter")},
	{name: "max_rows_per_trigger", check: isCount},
	{name: "max_files_per_trigger", check: isCount},
	{name: "max_bytes_per_trigger", check: isSize},
}

// queryOptions may stand on every materialized view and sink.
var queryOptions = []optionDef{
	{name: "connector"},
	{name: "output_mode", check: oneOf("append", "update", "complete")},
	{name: "trigger", check: isTrigger},
	{name: "late_rows", check: oneOf("keep", "drop")},
	{name: "max_rows_per_trigger", check: isCount},
	{name: "parallelism", check: isCount},
	{name: "min_parallelism", check: isCount},
	{name: "max_parallelism", check: isCount},
	{name: "checkpoint_location"},
	{name: "start_from", check: isStartFrom},
	{name: "state_ttl", check: isInterval},
	{name: "state_memory", check: isStateMemory},
	{name: "key"},
}

func findOption(defs []optionDef, key string) *optionDef {
	for i := range defs {
		if defs[i].name == key {
			return &defs[i]
		}
	}
	return nil
}

// readOptions checks a WITH list against the server's own options and hands the rest to the connector's check. connector says which connector's
// options are taken; "" takes none.
func (e *Engine) readOptions(list []ast.Option, defs []optionDef, sink bool) (catalog.Options, error) {
	var opts, rest catalog.Options
	pos := map[string]ast.Option{}
	for _, o := range list {
		if _, ok := pos[o.Key]; ok {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "option %q is given more than once", o.Key).At(int(o.Pos))
		}
		pos[o.Key] = o
		opts = append(opts, catalog.Option{Key: o.Key, Value: o.Value})
		d := findOption(defs, o.Key)
		if d == nil {
			rest = append(rest, catalog.Option{Key: o.Key, Value: o.Value})
			continue
		}
		if d.check != nil {
			if err := d.check(o.Value); err != nil {
				return nil, optionError(err, o)
			}
		}
	}
	if c, ok := pos["connector"]; ok {
		err := e.checkConnector(opts, rest, sink)
		if err != nil {
			return nil, placeOption(err, pos, c)
		}
		return opts, nil
	}
	if len(rest) > 0 {
		o := pos[rest[0].Key]
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized option %q", o.Key).At(int(o.Pos)).WithHint("Options here: %s.", optionNames(defs))
	}
	return opts, nil
}

func optionNames(defs []optionDef) string {
	var names []string
	for _, d := range defs {
		names = append(names, d.name)
	}
	return strings.Join(names, ", ")
}

func optionError(err error, o ast.Option) error {
	src := sqlerr.From(err)
	code := src.Code
	if code != sqlerr.FeatureNotSupported {
		code = sqlerr.InvalidParameterValue
	}
	text := src.Message
	if code != sqlerr.FeatureNotSupported && !strings.HasPrefix(text, "invalid value for option") {
		text = "invalid value for option \"" + o.Key + "\": " + text
	}
	e := sqlerr.New(code, "%s", text).At(int(o.ValuePos))
	e.Hint = src.Hint
	return e
}

// placeOption gives an error of the connector's check the position of the option that it names in its Column field, else of the connector option.
func placeOption(err error, pos map[string]ast.Option, connector ast.Option) error {
	at := connector.Pos
	if o, ok := pos[sqlerr.From(err).Column]; ok {
		at = o.Pos
	}
	return sqlerr.AtDefault(err, int(at))
}

// checkConnector checks the options that are the connector's.
func (e *Engine) checkConnector(opts, rest catalog.Options, sink bool) error {
	name, _ := opts.Get("connector")
	def := e.connector(strings.ToLower(name))
	if def == nil {
		err := sqlerr.New(sqlerr.InvalidParameterValue, "unknown connector %q", name).WithHint("Connectors here: %s.", e.connectorNames(sink))
		err.Column = "connector"
		return err
	}
	return connector.CheckOptions(def, rest, sink)
}

// connectorNames lists the connectors that can be a sink, or a source.
func (e *Engine) connectorNames(sink bool) string {
	var names []string
	for i := range e.defs {
		if d := &e.defs[i]; sink && d.OpenSink != nil || !sink && (d.OpenSource != nil || d.OpenReceiver != nil) {
			names = append(names, d.Name)
		}
	}
	return strings.Join(names, ", ")
}
