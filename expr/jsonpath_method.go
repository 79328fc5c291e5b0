package expr

import (
	"cmp"
	"errors"
	"strconv"
	"time"

	"github.com/streamsqld/streamsqld/internal/jsonpath"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// method applies a method to one item.
func (r *pathRun) method(n *jsonpath.Node, it pathItem) ([]pathItem, error) {
	kind := it.kind()
	one := func(json string) ([]pathItem, error) { return []pathItem{{json: json}}, nil }
	switch n.Text {
	case "type":
		if it.time != nil {
			kind = it.time.typ.Info().SQLName
		}
		return one(string(appendJSONString(nil, kind)))
	case "size":
		switch {
		case kind == "array":
			return one(strconv.Itoa(jsonLen(it.json)))
		case r.strict:
			return nil, sqlerr.New(pathNoArray, "jsonpath item method .%s() can only be applied to an array", n.Text)
		}
		return one("1")
	case "double":
		return r.double(it, kind)
	case "abs", "floor", "ceiling":
		if kind != "number" {
			return nil, sqlerr.New(pathNonNumeric, "jsonpath item method .%s() can only be applied to a numeric value", n.Text)
		}
		d, err := types.ParseDec(it.json)
		if err != nil {
			return nil, err
		}
		switch n.Text {
		case "abs":
			d = d.Abs()
		case "floor":
			d = d.Floor()
		default:
			d = d.Ceil()
		}
		return one(d.String())
	case "keyvalue":
		if kind != "object" {
			return nil, sqlerr.New(pathNoObject, "jsonpath item method .%s() can only be applied to an object", n.Text)
		}
		keys, vals := jsonList(it.json)
		out := make([]pathItem, len(keys))
		for i, k := range keys {
			out[i].json = string(appendMembers(nil, true, []string{"id", "key", "value"}, []string{"0", string(appendJSONString(nil, k)), vals[i]}))
		}
		return out, nil
	}
	return r.datetime(n, it, kind)
}

func (r *pathRun) double(it pathItem, kind string) ([]pathItem, error) {
	s := it.json
	switch kind {
	case "string":
		s = jsonString(it.json)
	case "number":
	default:
		return nil, sqlerr.New(pathNonNumeric, "jsonpath item method .%s() can only be applied to a string or numeric value", "double")
	}
	f, err := strconv.ParseFloat(s, 64)
	if errors.Is(err, strconv.ErrRange) && kind == "number" {
		return nil, sqlerr.New(pathNonNumeric, "numeric argument of jsonpath item method .%s() is out of range for type double precision", "double")
	}
	if err != nil || f != f || f-f != 0 {
		what := kind + " argument"
		if kind == "number" {
			what = "numeric argument"
		}
		return nil, sqlerr.New(pathNonNumeric, "%s of jsonpath item method .%s() is not a valid representation of a double precision number", what, "double")
	}
	return []pathItem{{json: types.FromFloat64(f).String()}}, nil
}

// pathTime is a value of the method datetime.
type pathTime struct {
	typ types.Type
	t   time.Time
}

// pathTemplates are the ISO forms that datetime() knows without a template, in the order in which PostgreSQL tries them.
var pathTemplates = []string{
	"yyyy-mm-dd",
	"HH24:MI:SS.USTZH:TZM", "HH24:MI:SS.USTZH", "HH24:MI:SS.US", "HH24:MI:SSTZH:TZM", "HH24:MI:SSTZH", "HH24:MI:SS",
	"yyyy-mm-dd HH24:MI:SS.USTZH:TZM", "yyyy-mm-dd HH24:MI:SS.USTZH", "yyyy-mm-dd HH24:MI:SS.US",
	"yyyy-mm-dd HH24:MI:SSTZH:TZM", "yyyy-mm-dd HH24:MI:SSTZH", "yyyy-mm-dd HH24:MI:SS",
	`yyyy-mm-dd"T"HH24:MI:SS.USTZH:TZM`, `yyyy-mm-dd"T"HH24:MI:SS.USTZH`, `yyyy-mm-dd"T"HH24:MI:SS.US`,
	`yyyy-mm-dd"T"HH24:MI:SSTZH:TZM`, `yyyy-mm-dd"T"HH24:MI:SSTZH`, `yyyy-mm-dd"T"HH24:MI:SS`,
}

func (r *pathRun) datetime(n *jsonpath.Node, it pathItem, kind string) ([]pathItem, error) {
	if kind != "string" {
		return nil, sqlerr.New(pathBadDatetime, "jsonpath item method .%s() can only be applied to a string", "datetime")
	}
	s := jsonString(it.json)
	if len(n.Args) > 0 {
		p, err := parsePathTime(s, n.Args[0].Text)
		return []pathItem{{time: p}}, err
	}
	for _, template := range pathTemplates {
		if p, err := parsePathTime(s, template); err == nil {
			return []pathItem{{time: p}}, nil
		}
	}
	return nil, sqlerr.New(pathBadDatetime, `datetime format is not recognized: "%s"`, s).
		WithHint("Use a datetime template argument to specify the input data format.")
}

// parsePathTime reads a text by a template, whose fields say which type it is of.
func parsePathTime(s, template string) (*pathTime, error) {
	t, err := inFields(s, template, true)
	if err != nil {
		return nil, err
	}
	d, micros, err := t.resolve(s)
	if err != nil {
		return nil, err
	}
	east, zoned, err := t.zone(s)
	if err != nil {
		return nil, err
	}
	if t.digits > 0 {
		micros = types.RoundTime(micros, int32(t.digits))
	}
	p := &pathTime{typ: types.Date}
	switch {
	case t.dated && t.timed && zoned:
		p.typ = types.TimestampTZ
	case t.dated && t.timed:
		p.typ = types.Timestamp
	case t.timed && zoned:
		p.typ = types.TimeTZ
	case t.timed:
		p.typ = types.Time
	case zoned || !t.dated:
		return nil, sqlerr.New(sqlerr.InvalidDatetimeFormat, "datetime format is not dated and not timed")
	}
	if !t.dated {
		d = 0
	}
	loc := time.UTC
	if zoned {
		loc = time.FixedZone("", int(east))
	}
	p.t = time.Date(1970, 1, 1+d, 0, 0, 0, 0, loc).Add(time.Duration(micros) * time.Microsecond)
	return p, nil
}

// String is the time in ISO 8601.
func (p *pathTime) String() string {
	switch p.typ {
	case types.Date:
		return p.t.Format("2006-01-02")
	case types.Time:
		return p.t.Format("15:04:05.999999")
	case types.TimeTZ:
		return p.t.Format("15:04:05.999999-07:00")
	case types.Timestamp:
		return p.t.Format("2006-01-02T15:04:05.999999")
	}
	return p.t.Format("2006-01-02T15:04:05.999999-07:00")
}

func (p *pathTime) zoned() bool { return p.typ == types.TimeTZ || p.typ == types.TimestampTZ }

func (p *pathTime) ofDay() bool { return p.typ == types.Time || p.typ == types.TimeTZ }

// compareTimes compares dates and times; those with a zone and those without one only in the _tz functions, by the session's TimeZone.
func (r *pathRun) compareTimes(a, b *pathTime) (c int, ok bool, err error) {
	if a.ofDay() != b.ofDay() {
		return 0, false, nil
	}
	x, y := a.t, b.t
	if a.zoned() != b.zoned() {
		if !r.zones {
			return 0, false, sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert value from %s to %s without time zone usage",
				pick(a.zoned(), b.typ.Info().Name, a.typ.Info().Name), pick(a.zoned(), a.typ.Info().Name, b.typ.Info().Name)).
				WithHint("Use *_tz() function for time zone support.")
		}
		loc := r.ctx.Format.Loc
		if loc == nil {
			loc = time.UTC
		}
		in := func(t time.Time) time.Time {
			return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc)
		}
		if a.zoned() {
			y = in(y)
		} else {
			x = in(x)
		}
	}
	if c = x.Compare(y); c == 0 && a.ofDay() && (a.zoned() || b.zoned()) {
		_, za := x.Zone()
		_, zb := y.Zone()
		c = cmp.Compare(zb, za)
	}
	return c, true, nil
}
