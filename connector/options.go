package connector

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// CheckOptions checks the options of a stream (sink = false) or a sink against what the connector d knows; opts has no options of the server's
// own but may have connector itself. Errors: 22023 for an unknown option, a bad value, or one that is missing, and for a connector that
// cannot be what is asked; 0A000 for an option that is not built yet. The error's Column is the option's name, for the caller to set the position; the hint names what there is.
func CheckOptions(d *Def, opts catalog.Options, sink bool) error {
	if sink && d.OpenSink == nil {
		return optionErr("connector", "connector %q cannot be used for a sink", d.Name)
	}
	if !sink && d.OpenSource == nil && d.OpenReceiver == nil {
		return optionErr("connector", "connector %q cannot be used for a stream", d.Name)
	}
	for _, o := range opts {
		if o.Key == "connector" {
			continue
		}
		i := slices.IndexFunc(d.Options, func(x OptionDef) bool { return x.Name == o.Key && x.allowed(sink) })
		if i < 0 {
			return optionErr(o.Key, "connector %q has no option %q", d.Name, o.Key).WithHint("Its options here: %s.", d.optionNames(sink))
		}
		if d.Options[i].Later {
			e := sqlerr.New(sqlerr.FeatureNotSupported, "option %q is not supported yet", o.Key)
			e.Column = o.Key
			return e
		}
		if err := d.Options[i].check(o.Value); err != nil {
			e := optionErr(o.Key, "invalid value for option %q: %q", o.Key, o.Value)
			e.Hint = err.Error()
			return e
		}
	}
	for _, x := range d.Options {
		if _, ok := opts.Get(x.Name); x.Required && x.allowed(sink) && !ok {
			return optionErr(x.Name, "connector %q needs option %q", d.Name, x.Name).WithHint("%s: %s.", x.Name, x.Doc)
		}
	}
	return nil
}

func optionErr(option, format string, args ...any) *sqlerr.Error {
	e := sqlerr.New(sqlerr.InvalidParameterValue, format, args...)
	e.Column = option
	return e
}

func (o *OptionDef) allowed(sink bool) bool { return sink && o.Sink || !sink && o.Source }

func (d *Def) optionNames(sink bool) string {
	var names []string
	for _, o := range d.Options {
		if o.allowed(sink) && !o.Later {
			names = append(names, o.Name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// check gives an error whose text is a hint.
func (o *OptionDef) check(v string) error {
	var err error
	switch o.Kind {
	case "int":
		_, err = strconv.ParseInt(v, 10, 64)
		if err != nil {
			err = fmt.Errorf("It must be an integer.")
		}
	case "bool":
		_, err = ParseBool(v)
	case "duration":
		_, err = ParseDuration(v)
	case "size":
		_, err = ParseSize(v)
	case "enum":
		if !slices.Contains(o.Enum, strings.ToLower(v)) {
			err = fmt.Errorf("It must be one of: %s.", strings.Join(o.Enum, ", "))
		}
	}
	return err
}

// ParseBool reads true, on, yes, 1 and their opposites.
func ParseBool(v string) (bool, error) {
	b, err := types.ParseBool(v)
	if err != nil {
		return false, fmt.Errorf("It must be true or false.")
	}
	return b, nil
}

// ParseDuration reads an interval ('5 seconds') or Go's short form ('100ms'); it is never negative. A month counts 30 days.
func ParseDuration(v string) (time.Duration, error) {
	if d, err := time.ParseDuration(v); err == nil && d >= 0 {
		return d, nil
	}
	iv, err := types.ParseIntervalMod(v, "", -1)
	us := iv.Micros + (int64(iv.Months)*30+int64(iv.Days))*types.Day
	if err != nil || us < 0 || us > int64(1<<62)/1000 {
		return 0, fmt.Errorf("It must be an interval, like '5 seconds'.")
	}
	return time.Duration(us) * time.Microsecond, nil
}

// ParseSize reads a number of bytes with an optional unit: 64MB, 512 kB, 1GiB; the units are powers of 1024, as in PostgreSQL's settings.
func ParseSize(v string) (int64, error) {
	s := strings.ToLower(strings.TrimSpace(v))
	i := strings.IndexFunc(s, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
	if i < 0 {
		i = len(s)
	}
	f, err := strconv.ParseFloat(s[:i], 64)
	unit := strings.Replace(strings.TrimSpace(s[i:]), "i", "", 1)
	shift, ok := map[string]uint{"": 0, "b": 0, "k": 10, "kb": 10, "m": 20, "mb": 20, "g": 30, "gb": 30, "t": 40, "tb": 40}[unit]
	if err != nil || !ok || f < 0 || f*float64(int64(1)<<shift) > 1<<62 {
		return 0, fmt.Errorf("It must be a size, like '64MB'.")
	}
	return int64(f * float64(int64(1)<<shift)), nil
}

// Int is an integer option, def where it was not given. The options were checked by CheckOptions.
func Int(opts catalog.Options, key string, def int64) int64 {
	if v, ok := opts.Get(key); ok {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n
		}
	}
	return def
}

// Bool is a boolean option; see Int.
func Bool(opts catalog.Options, key string, def bool) bool {
	if v, ok := opts.Get(key); ok {
		if b, err := ParseBool(v); err == nil {
			return b
		}
	}
	return def
}

// Size is an option of kind size, in bytes; see Int.
func Size(opts catalog.Options, key string, def int64) int64 {
	if v, ok := opts.Get(key); ok {
		if n, err := ParseSize(v); err == nil {
			return n
		}
	}
	return def
}

// String is an option's text; see Int.
func String(opts catalog.Options, key, def string) string {
	if v, ok := opts.Get(key); ok {
		return v
	}
	return def
}
