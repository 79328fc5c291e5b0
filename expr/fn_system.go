package expr

import (
	"time"

	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// ServerVersion is the version of PostgreSQL that the server answers as.
const ServerVersion = "15.0"

// systemFuncs tell of the session and the server.
func systemFuncs() []*Func {
	X, N, B := types.Text, types.Name, types.Bool
	user := func(ctx *Ctx) (string, error) {
		if ctx.Session == nil {
			return "streamsqld", nil
		}
		return ctx.Session.User(), nil
	}
	database := func(ctx *Ctx) (string, error) {
		if ctx.Session == nil {
			return "streamsqld", nil
		}
		return ctx.Session.Database(), nil
	}
	schema := func(ctx *Ctx) (string, error) {
		for _, s := range searchPath(ctx) {
			if !strings.HasPrefix(s, "pg_temp_") {
				return s, nil
			}
		}
		return "", errNull
	}
	names, _ := N.Array()
	var fs []*Func
	for _, name := range []string{"current_user", "session_user", "current_role", "user"} {
		fs = append(fs, f0(name, N, user, "name of the user"))
	}
	return append(fs,
		f0("current_database", N, database, "name of the database"), f0("current_catalog", N, database, "name of the database"),
		f0("current_schema", N, schema, "first schema of the search path"),
		&Func{Name: "current_schemas", Args: args(B), Ret: names, Vol: Stable, Kernel: currentSchemas, Doc: "schemas of the search path"},
		f0("version", X, func(*Ctx) (string, error) {
			return "PostgreSQL " + ServerVersion + " (streamsqld) on x86_64-pc-linux-gnu, 64-bit", nil
		}, "version of the server"),
		&Func{Name: "pg_typeof", Args: args(types.Any), Ret: types.RegType, CalledOnNull: true, Untyped: true, Vol: Stable, Safe: true, Doc: "type of a value",
			Bind: func(ts []types.Type, _ types.Type) Kernel { return constKernel(types.RegType, ts[0].OID) }},
		vol(Stable, f1("current_setting", X, X, func(ctx *Ctx, name string) (string, error) { return setting(ctx, name, false) }, "value of a setting")),
		vol(Stable, f2("current_setting", X, B, X, func(ctx *Ctx, name string, missing bool) (string, error) { return setting(ctx, name, missing) }, "value of a setting")),
		&Func{Name: "set_config", Args: args(X, X, B), Ret: X, CalledOnNull: true, Vol: Volatile, Kernel: setConfig, Doc: "set a setting"},
		f0("current_query", X, func(ctx *Ctx) (string, error) {
			if s, ok := ctx.Session.(interface{ CurrentQuery() string }); ok {
				return s.CurrentQuery(), nil
			}
			return "", errNull
		}, "text of the client's statements"),
		f0("pg_backend_pid", types.Int4, func(ctx *Ctx) (int32, error) {
			if ctx.Session == nil {
				return 0, nil
			}
			return ctx.Session.BackendPID(), nil
		}, "number of the session"),
		f0("inet_server_port", types.Int4, func(*Ctx) (int32, error) { return 0, errNull }, "port of the server"),
		f0("inet_client_port", types.Int4, func(*Ctx) (int32, error) { return 0, errNull }, "port of the client"),
		f0("inet_server_addr", types.Inet, func(*Ctx) (string, error) { return "", errNull }, "address of the server"),
		f0("inet_client_addr", types.Inet, func(*Ctx) (string, error) { return "", errNull }, "address of the client"),
		f0("pg_is_in_recovery", B, func(*Ctx) (bool, error) { return false, nil }, "always false"),
		f0("txid_current", types.Int8, func(ctx *Ctx) (int64, error) { return ctx.Now, nil }, "number of the transaction"),
		f0("pg_postmaster_start_time", types.TimestampTZ, func(ctx *Ctx) (int64, error) { return ctx.Now, nil }, "when the server started"),
		f0("pg_conf_load_time", types.TimestampTZ, func(ctx *Ctx) (int64, error) { return ctx.Now, nil }, "when the settings were read"),
		vol(Volatile, f1("pg_sleep", types.Float8, types.Void, pgSleep, "waits for so many seconds")),
		f0("pg_my_temp_schema", types.OID, func(*Ctx) (uint32, error) { return 0, nil }, "always 0"),
		p1("pg_is_other_temp_schema", types.OID, B, func(uint32) bool { return false }, "always false"),
		f0("pg_client_encoding", N, func(*Ctx) (string, error) { return "UTF8", nil }, "encoding of the client"),
	)
}

// setConfig sets a setting row by row. A NULL value is an empty one for settings of users' own.
func setConfig(ctx *Ctx, n int, vs []Vec) (Vec, error) {
	name, value, local := read[string](vs[0]), read[string](vs[1]), read[bool](vs[2])
	a, err := appendRows(types.Text, n, nil, func(dst []byte, i int) ([]byte, error) {
		switch {
		case ctx.Session == nil:
			return dst, sqlerr.New(sqlerr.FeatureNotSupported, "set_config needs a session")
		case vs[0].IsNull(i):
			return dst, sqlerr.New(sqlerr.NullValueNotAllowed, "SET requires parameter name")
		case vs[1].IsNull(i) && !strings.Contains(name(i), "."):
			return dst, sqlerr.New(sqlerr.FeatureNotSupported, "set_config of NULL is not supported").WithHint("Use RESET.")
		}
		v := ""
		if !vs[1].IsNull(i) {
			v = value(i)
		}
		if err := ctx.Session.SetSetting(name(i), v, !vs[2].IsNull(i) && local(i)); err != nil {
			return dst, err
		}
		s, err := setting(ctx, name(i), false)
		return append(dst, s...), err
	})
	return Vec{Arr: a}, err
}

// pgSleep waits where the caller can be interrupted; a continuous query never waits.
func pgSleep(ctx *Ctx, seconds float64) (string, error) {
	if ctx.Sleep == nil {
		return "", sqlerr.New(sqlerr.FeatureNotSupported, "pg_sleep is not supported in a continuous query")
	}
	return "", ctx.Sleep(time.Duration(seconds * float64(time.Second)))
}

// constKernel gives one constant.
func constKernel[R any](t types.Type, x R) Kernel {
	return func(*Ctx, int, []Vec) (Vec, error) {
		v, err := write(t, 1, nil, func(int) (R, error) { return x, nil })
		v.Const = true
		return v, err
	}
}

func setting(ctx *Ctx, name string, missing bool) (string, error) {
	if ctx.Session != nil {
		if v, ok := ctx.Session.Setting(strings.ToLower(name)); ok {
			return v, nil
		}
	}
	if missing {
		return "", errNull
	}
	return "", sqlerr.New(sqlerr.UndefinedObject, `unrecognized configuration parameter "%s"`, name)
}

func currentSchemas(ctx *Ctx, n int, vs []Vec) (Vec, error) {
	implicit := read[bool](vs[0])
	out := newTextLists(n, andValid(n, vs...))
	for i := range n {
		if implicit(i) {
			out.add("pg_catalog")
		}
		for _, s := range searchPath(ctx) {
			if s != "pg_catalog" {
				out.add(s)
			}
		}
		out.endRow()
	}
	v := out.finish()
	v.Arr = retype(v.Arr, arrow.ListOf(types.Name.Arrow()))
	return v, nil
}

// sizePretty is a size in bytes as people read it: below ten of the next unit it stays in the smaller one, and is rounded half up.
func sizePretty(n int64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	neg := n < 0
	n = abs64(n)
	u := 0
	for ; u < len(units)-1 && n >= 10*1024; u++ {
		n = (n/512 + 1) / 2
	}
	if neg {
		n = -n
	}
	return strconv.FormatInt(n, 10) + " " + units[u]
}
