package expr

// argNames are the names that PostgreSQL gives the arguments of its functions, for calls such as make_interval(days => 3), with the texts of the
// defaults of the last ones. An overload with fewer arguments has the first of the names.
var argNames = map[string]struct{ names, defaults []string }{
	"make_interval":    {[]string{"years", "months", "weeks", "days", "hours", "mins", "secs"}, []string{"0", "0", "0", "0", "0", "0", "0"}},
	"make_date":        {names: []string{"year", "month", "day"}},
	"make_time":        {names: []string{"hour", "min", "sec"}},
	"make_timestamp":   {names: []string{"year", "month", "mday", "hour", "min", "sec"}},
	"make_timestamptz": {names: []string{"year", "month", "mday", "hour", "min", "sec", "timezone"}},
	"parse_ident":      {names: []string{"str", "strict"}},
	"jsonb_set":        {names: []string{"jsonb_in", "path", "replacement", "create_if_missing"}},
	"jsonb_insert":     {names: []string{"jsonb_in", "path", "replacement", "insert_after"}},
	"jsonb_set_lax": {[]string{"jsonb_in", "path", "replacement", "create_if_missing", "null_value_treatment"},
		[]string{"true", "use_json_null"}},
	"jsonb_path_exists":         jsonpathArgs,
	"jsonb_path_exists_tz":      jsonpathArgs,
	"jsonb_path_match":          jsonpathArgs,
	"jsonb_path_match_tz":       jsonpathArgs,
	"jsonb_path_query":          jsonpathArgs,
	"jsonb_path_query_tz":       jsonpathArgs,
	"jsonb_path_query_array":    jsonpathArgs,
	"jsonb_path_query_array_tz": jsonpathArgs,
	"jsonb_path_query_first":    jsonpathArgs,
	"jsonb_path_query_first_tz": jsonpathArgs,
	"json_extract_path":         extractPathArgs,
	"json_extract_path_text":    extractPathArgs,
	"jsonb_extract_path":        extractPathArgs,
	"jsonb_extract_path_text":   extractPathArgs,
	"json_each":                 fromJSONArgs,
	"json_each_text":            fromJSONArgs,
	"jsonb_each":                fromJSONArgs,
	"jsonb_each_text":           fromJSONArgs,
	"json_array_elements":       fromJSONArgs,
	"json_array_elements_text":  fromJSONArgs,
	"jsonb_array_elements":      fromJSONArgs,
	"jsonb_array_elements_text": fromJSONArgs,
}

var (
	jsonpathArgs    = struct{ names, defaults []string }{[]string{"target", "path", "vars", "silent"}, []string{"{}", "false"}}
	extractPathArgs = struct{ names, defaults []string }{names: []string{"from_json", "path_elems"}}
	fromJSONArgs    = struct{ names, defaults []string }{names: []string{"from_json"}}
)

// nameArgs gives a function the names of its arguments.
func nameArgs(f *Func) {
	n, ok := argNames[f.Name]
	if !ok || f.ArgNames != nil || len(f.Args) > len(n.names) {
		return
	}
	f.ArgNames = n.names[:len(f.Args)]
	if f.Defaults == len(n.defaults) {
		f.ArgDefaults = n.defaults
	}
}
