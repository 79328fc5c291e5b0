package lawtest

import (
	"fmt"
	"regexp"
	"strings"
)

var marks = regexp.MustCompile(`@(\w+)\(([^@]*)\)@`)

// render gives the text for streamsqld or for PostgreSQL, which has neither windows nor ASOF JOIN. What differs stands between marks: @name(a¦b¦c)@.
func render(text string, postgres bool) string {
	for marks.MatchString(text) { // the inner ones first
		text = marks.ReplaceAllStringFunc(text, func(m string) string {
			p := marks.FindStringSubmatch(m)
			arg := strings.Split(p[2], "¦")
			switch {
			case p[1] == "asof":
				return asofText(arg, postgres)
			case p[1] == "now": // a look-up at arrival, of a table that never changes
				if postgres {
					return ""
				}
				return "FOR SYSTEM_TIME AS OF PROCTIME()"
			case postgres:
				return pgWindow(p[1], arg)
			}
			return ourWindow(p[1], arg)
		})
	}
	return text
}

func seconds(s string) string { return "INTERVAL '" + s + " seconds'" }

func ourWindow(name string, arg []string) string {
	src := arg[0]
	switch name {
	case "hop", "cumulate":
		return fmt.Sprintf("%s(%s, %s, %s, %s)", name, src, arg[1], seconds(arg[2]), seconds(arg[3]))
	case "session":
		if arg[3] != "" {
			return fmt.Sprintf("session(%s, %s, %s, %s)", src, arg[1], seconds(arg[2]), arg[3])
		}
	}
	return fmt.Sprintf("%s(%s, %s, %s)", name, src, arg[1], seconds(arg[2]))
}

func pgWindow(name string, arg []string) string {
	src, ts := arg[0], arg[1]
	bin := func(n string) string {
		return fmt.Sprintf("date_bin(%s, x.%s, TIMESTAMPTZ '1970-01-01 00:00:00Z')", seconds(n), ts)
	}
	switch name {
	case "tumble":
		return fmt.Sprintf("(SELECT x.*, y.s AS window_start, y.s + %s AS window_end FROM %s x, LATERAL (SELECT %s AS s) y WHERE x.%s IS NOT NULL)", seconds(arg[2]), src, bin(arg[2]), ts)
	case "hop":
		return fmt.Sprintf("(SELECT x.*, y.s AS window_start, y.s + %[1]s AS window_end FROM %[2]s x, LATERAL (SELECT %[3]s - i * %[4]s AS s FROM generate_series(0, 20) i) y WHERE x.%[5]s IS NOT NULL AND y.s + %[1]s > x.%[5]s)",
			seconds(arg[3]), src, bin(arg[2]), seconds(arg[2]), ts)
	case "cumulate":
		return fmt.Sprintf("(SELECT x.*, y.s AS window_start, y.e AS window_end FROM %[1]s x, LATERAL (SELECT %[2]s AS s, %[2]s + i * %[3]s AS e FROM generate_series(1, 20) i) y WHERE x.%[4]s IS NOT NULL AND y.e > x.%[4]s AND y.e <= y.s + %[5]s)",
			src, bin(arg[3]), seconds(arg[2]), ts, seconds(arg[3]))
	}
	over := "ORDER BY x." + ts
	part := ""
	if arg[3] != "" {
		over, part = "PARTITION BY x."+arg[3]+" "+over, "x."+arg[3]+", "
	}
	return fmt.Sprintf(`(SELECT x.*, min(x.%[1]s) OVER (PARTITION BY %[5]sx._g) AS window_start, max(x.%[1]s) OVER (PARTITION BY %[5]sx._g) + %[2]s AS window_end FROM
 (SELECT x.*, sum(x._n) OVER (%[3]s) AS _g FROM
  (SELECT x.*, CASE WHEN x.%[1]s <= lag(x.%[1]s) OVER (%[3]s) + %[2]s THEN 0 ELSE 1 END AS _n FROM %[4]s x WHERE x.%[1]s IS NOT NULL) x) x)`, ts, seconds(arg[2]), over, src, part)
}
