package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/types"
)

// Version is the server's own version.
const Version = "0.1.0"

const serverVersion = "15.0 (streamsqld " + Version + ")"

// setting is a parameter of the session as SET and SHOW know it.
type setting struct {
	name     string // as it is spelled in reports
	def      string
	report   bool // told to the client when it changes
	readOnly bool
	foreign  bool                           // another server's: taken with a NOTICE, and without effect
	check    func(v string) (string, error) // gives the canonical value; nil: any
	doc      string
}

func boolean(v string) (string, error) {
	switch strings.ToLower(v) {
	case "on", "true", "yes", "1", "t", "y":
		return "on", nil
	case "off", "false", "no", "0", "f", "n":
		return "off", nil
	}
	return "", fmt.Errorf("requires a Boolean value")
}

func integer(lo, hi int64) func(string) (string, error) {
	return func(v string) (string, error) {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return "", fmt.Errorf("invalid value for parameter")
		}
		if n < lo || n > hi {
			return "", fmt.Errorf("%d is outside the valid range (%d .. %d)", n, lo, hi)
		}
		return strconv.FormatInt(n, 10), nil
	}
}

func enum(values ...string) func(string) (string, error) {
	return func(v string) (string, error) {
		if v = strings.ToLower(v); slices.Contains(values, v) {
			return v, nil
		}
		return "", fmt.Errorf("Available values: %s.", strings.Join(values, ", "))
	}
}

// noOids takes false alone: there are no OIDs.
func noOids(v string) (string, error) {
	if v, err := boolean(v); v == "off" || err != nil {
		return v, err
	}
	return "", fmt.Errorf("tables declared WITH OIDS are not supported")
}

// milliseconds reads '5s', '100ms', '1min', 5000.
func milliseconds(v string) (string, error) {
	units := []struct {
		suffix string
		d      time.Duration
	}{{"ms", time.Millisecond}, {"us", time.Microsecond}, {"min", time.Minute}, {"s", time.Second}, {"h", time.Hour}, {"d", 24 * time.Hour}, {"", time.Millisecond}}
	v = strings.TrimSpace(v)
	for _, u := range units {
		if n, ok := strings.CutSuffix(v, u.suffix); ok {
			f, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
			if err != nil || f < 0 {
				return "", fmt.Errorf("invalid value for parameter")
			}
			ms := time.Duration(f*float64(u.d)) / time.Millisecond
			switch {
			case ms == 0:
				return "0", nil
			case ms%1000 == 0:
				return strconv.FormatInt(int64(ms/1000), 10) + "s", nil
			}
			return strconv.FormatInt(int64(ms), 10) + "ms", nil
		}
	}
	return "", fmt.Errorf("invalid value for parameter")
}

// memory checks a size such as '64MB'; a plain number counts kB, as in PostgreSQL.
func memory(v string) (string, error) {
	if _, err := strconv.ParseInt(v, 10, 64); err == nil {
		v += "kB"
	}
	_, err := connector.ParseSize(v)
	return v, err
}

// rules checks a list of names of the optimizer's rules.
func rules(v string) (string, error) {
	if strings.TrimSpace(v) == "" {
		return "", nil
	}
	names := strings.Split(v, ",")
	for i, n := range names {
		names[i] = strings.TrimSpace(n)
		if !slices.Contains(optimizer.RuleNames(), names[i]) {
			return "", fmt.Errorf("Available values: %s.", strings.Join(optimizer.RuleNames(), ", "))
		}
	}
	return strings.Join(names, ","), nil
}

// timeZone checks a value of TimeZone: a name, hours east of UTC, or the word interval and one.
func timeZone(v string) (string, error) {
	if strings.EqualFold(v, "local") || strings.EqualFold(v, "default") {
		return "UTC", nil
	}
	if iv, ok := strings.CutPrefix(v, "interval "); ok {
		b := types.NewBuilder(types.Interval)
		if err := types.ParseText(b, iv, types.Interval, types.UTCFormat(0)); err != nil {
			return "", err
		}
		x := types.IntervalAt(b.NewArray().(*array.FixedSizeBinary), 0)
		if x.Months != 0 || x.Days != 0 {
			return "", fmt.Errorf("an interval of months or days is no time zone")
		}
		v = strconv.FormatFloat(float64(x.Micros)/3600e6, 'f', -1, 64)
	}
	l, err := types.SessionLocation(v)
	if err != nil {
		return "", err
	}
	return l.String(), nil
}

// dateStyle keeps the output style ISO, the only one there is, and takes the field order.
func dateStyle(v string) (string, error) {
	order := "MDY"
	for _, w := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' }) {
		switch strings.ToLower(w) {
		case "iso", "default":
		case "mdy", "us", "noneuropean", "noneuro":
			order = "MDY"
		case "dmy", "european", "euro":
			order = "DMY"
		case "ymd":
			order = "YMD"
		case "postgres", "sql", "german":
			return "", fmt.Errorf("only the output style ISO is supported")
		default:
			return "", fmt.Errorf("unrecognized key word %q", w)
		}
	}
	return "ISO, " + order, nil
}

func utf8(v string) (string, error) {
	switch strings.ToLower(strings.Trim(v, `'"`)) {
	case "utf8", "utf-8", "unicode", "default", "sql_ascii":
		return "UTF8", nil
	}
	return "", fmt.Errorf("only the encoding UTF8 is supported")
}

func clock(v string) (string, error) {
	if v == "" || strings.EqualFold(v, "default") {
		return "", nil
	}
	b := types.NewBuilder(types.TimestampTZ)
	if err := types.ParseText(b, v, types.TimestampTZ, types.UTCFormat(time.Now().UnixMicro())); err != nil {
		return "", err
	}
	return v, nil
}

// settings lists every parameter there is.
var settings = []setting{
	{name: "application_name", report: true, doc: "Sets the application name to be reported in statistics and logs."},
	{name: "bytea_output", def: "hex", check: enum("hex", "escape"), doc: "Sets the output format for bytea."},
	{name: "check_function_bodies", def: "on", check: boolean, doc: "Checks routine bodies during CREATE FUNCTION."},
	{name: "client_encoding", def: "UTF8", report: true, check: utf8, doc: "Sets the client's character set encoding."},
	{name: "client_min_messages", def: "notice", check: enum("debug5", "debug4", "debug3", "debug2", "debug1", "debug", "log", "notice", "warning", "error"), doc: "Sets the message levels that are sent to the client."},
	{name: "DateStyle", def: "ISO, MDY", report: true, check: dateStyle, doc: "Sets the display format for date and time values."},
	{name: "default_table_access_method", def: "heap", check: enum("heap"), doc: "Sets the default table access method for new tables."},
	{name: "default_with_oids", def: "off", check: noOids, doc: "WITH OIDS is no longer supported; this can only be false."},
	{name: "xmloption", def: "content", check: enum("content", "document"), doc: "Sets whether XML data in implicit parsing and serialization operations is to be considered as documents or content fragments."},
	{name: "default_tablespace", doc: "Sets the default tablespace to create tables and indexes in."},
	{name: "default_text_search_config", def: "pg_catalog.simple", doc: "Sets default text search configuration."},
	{name: "default_transaction_deferrable", def: "off", check: boolean, doc: "Sets the default deferrable status of new transactions."},
	{name: "default_transaction_isolation", def: "read committed", check: enum("read uncommitted", "read committed", "repeatable read", "serializable"), doc: "Sets the transaction isolation level of each new transaction."},
	{name: "default_transaction_read_only", def: "off", report: true, check: boolean, doc: "Sets the default read-only status of new transactions."},
	{name: "extra_float_digits", def: "1", check: integer(-15, 3), doc: "Sets the number of digits displayed for floating-point values."},
	{name: "implicit_flush", def: "off", check: boolean, doc: "Waits after each commit that changed rows until the continuous queries have taken them up, as FLUSH does; also rw_implicit_flush."},
	{name: "idle_in_transaction_session_timeout", def: "0", check: milliseconds, doc: "Sets the maximum allowed idle time between queries, when in a transaction."},
	{name: "in_hot_standby", def: "off", report: true, readOnly: true, doc: "Shows whether hot standby is currently active."},
	{name: "integer_datetimes", def: "on", report: true, readOnly: true, doc: "Shows whether datetimes are integer based."},
	{name: "IntervalStyle", def: "postgres", report: true, check: enum("postgres", "postgres_verbose", "sql_standard", "iso_8601"), doc: "Sets the display format for interval values."},
	{name: "is_superuser", def: "on", report: true, readOnly: true, doc: "Shows whether the current user is a superuser."},
	{name: "jit", def: "off", check: boolean, doc: "Allow JIT compilation."},
	{name: "lc_collate", def: "C", readOnly: true, doc: "Shows the collation order locale."},
	{name: "lc_ctype", def: "C.UTF-8", readOnly: true, doc: "Shows the character classification and case conversion locale."},
	{name: "lc_messages", def: "C", doc: "Sets the language in which messages are displayed."},
	{name: "lc_monetary", def: "C", doc: "Sets the locale for formatting monetary amounts."},
	{name: "lc_numeric", def: "C", doc: "Sets the locale for formatting numbers."},
	{name: "lc_time", def: "C", doc: "Sets the locale for formatting date and time values."},
	{name: "lock_timeout", def: "0", check: milliseconds, doc: "Sets the maximum allowed duration of any wait for a lock."},
	{name: "max_identifier_length", def: "63", readOnly: true, doc: "Shows the maximum identifier length."},
	{name: "row_security", def: "on", check: boolean, doc: "Enable row security."},
	{name: "search_path", def: `"$user", public`, doc: "Sets the schema search order for names that are not schema-qualified."},
	{name: "server_encoding", def: "UTF8", report: true, readOnly: true, doc: "Shows the server (database) character set encoding."},
	{name: "server_version", def: serverVersion, report: true, readOnly: true, doc: "Shows the server version."},
	{name: "server_version_num", def: "150000", readOnly: true, doc: "Shows the server version as an integer."},
	{name: "session_authorization", report: true, readOnly: true, doc: "Shows the session user name."},
	{name: "standard_conforming_strings", def: "on", report: true, check: enum("on"), doc: "Causes '...' strings to treat backslashes literally."},
	{name: "statement_timeout", def: "0", check: milliseconds, doc: "Sets the maximum allowed duration of any statement."},
	{name: "streamsql.rules_off", check: rules, doc: "Rules of the optimizer that batch queries of this session do without, comma-separated."},
	{name: "streamsql.clock", check: clock, doc: "Processing time of the triggers that this session runs; empty: the system's clock."},
	{name: "streamsql.live_fetch", def: "full", check: enum("full", "available"), doc: "Whether FETCH from a live cursor waits for all its rows or returns as soon as it has one."},
	{name: "synchronous_commit", def: "on", check: enum("on", "off", "local", "remote_write", "remote_apply"), doc: "Sets the current transaction's synchronization level; commits are always synchronous."},
	{name: "TimeZone", def: "UTC", report: true, check: timeZone, doc: "Sets the time zone for displaying and interpreting time stamps."},
	{name: "transaction_isolation", def: "read committed", check: enum("read uncommitted", "read committed", "repeatable read", "serializable"), doc: "Sets the current transaction's isolation level."},
	{name: "transaction_deferrable", def: "off", check: boolean, doc: "Whether to defer a read-only serializable transaction until it can be executed with no possible serialization failures."},
	{name: "transaction_read_only", def: "off", check: boolean, doc: "Sets the current transaction's read-only status."},
	{name: "work_mem", def: "1GB", check: memory, doc: "Sets the maximum memory to be used for a query."},
}

// findSetting finds a parameter, whatever the case of its name; rw_ may stand before those of RisingWave.
func findSetting(name string) *setting {
	if bare, ok := strings.CutPrefix(strings.ToLower(name), "rw_"); ok && (bare == "implicit_flush" || slices.Contains(foreignSettings, bare)) {
		name = bare
	}
	for _, list := range [][]setting{settings, plannerSettings} {
		for i := range list {
			if strings.EqualFold(list[i].name, name) {
				return &list[i]
			}
		}
	}
	if name = strings.ToLower(name); slices.Contains(foreignSettings, name) {
		return &setting{name: name, foreign: true, doc: "A parameter of another server; without effect here."}
	}
	return nil
}

// allSettings are the parameters that SHOW ALL and pg_settings list.
func allSettings() []*setting {
	var all []*setting
	for _, list := range [][]setting{settings, plannerSettings} {
		for i := range list {
			all = append(all, &list[i])
		}
	}
	return all
}

func unknownSetting(name string) error {
	return sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter %q", name)
}

// settingValues are a session's values; missing ones have their default.
type settingValues map[string]string

func (v settingValues) get(s *setting) string {
	if x, ok := v[s.name]; ok {
		return x
	}
	return s.def
}

// set checks and stores a value; it gives the setting, so that the caller can report it.
func (v settingValues) set(name, value string) (*setting, error) {
	s := findSetting(name)
	if s == nil {
		if i := strings.IndexByte(name, '.'); i > 0 && !strings.EqualFold(name[:i], "streamsql") {
			v[strings.ToLower(name)] = value // a customized option, as in PostgreSQL
			return &setting{name: strings.ToLower(name)}, nil
		}
		return nil, unknownSetting(name)
	}
	if s.readOnly {
		return nil, sqlerr.New(sqlerr.CantChangeRuntimeParam, "parameter %q cannot be changed", s.name)
	}
	if s.check != nil {
		c, err := s.check(value)
		if err != nil {
			e := sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter %q: %q", s.name, value)
			return nil, e.WithHint("%s", err.Error())
		}
		value = c
	}
	v[s.name] = value
	return s, nil
}

// format is the Format that the settings ask for.
func (v settingValues) format(now int64) *types.Format {
	get := func(name string) string { return v.get(findSetting(name)) }
	loc, err := types.LoadLocation(get("TimeZone"))
	if err != nil {
		loc = time.UTC
	}
	digits, _ := strconv.Atoi(get("extra_float_digits"))
	return &types.Format{Loc: loc, DateStyle: get("DateStyle"), IntervalStyle: get("IntervalStyle"), ExtraFloat: digits, ByteaEscape: get("bytea_output") == "escape", Now: now}
}

// duration reads a value stored by milliseconds.
func (v settingValues) duration(name string) time.Duration {
	d, err := time.ParseDuration(v.get(findSetting(name)))
	if err != nil {
		return 0
	}
	return d
}
