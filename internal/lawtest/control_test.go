package lawtest

import (
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// functions are what queries may call.
const functions = `CREATE FUNCTION law_i(a bigint, b bigint DEFAULT 3) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT coalesce(a, 1) % 5 - b';
CREATE FUNCTION law_t(t text) RETURNS text LANGUAGE sql IMMUTABLE STRICT RETURN upper(t) || '!';
CREATE FUNCTION law_r(a bigint) RETURNS TABLE (u bigint) LANGUAGE sql IMMUTABLE AS 'SELECT i + a FROM generate_series(1, abs(a) % 3) AS i'`

// postgres is a connection to a PostgreSQL, made anew when it is lost.
type postgres struct {
	dsn  string
	conn *pgconn.PgConn
}

// fresh begins with an empty schema.
func (p *postgres) fresh() error {
	const sql = "DROP SCHEMA IF EXISTS law CASCADE; CREATE SCHEMA law; SET search_path = law"
	if p.conn != nil && !p.conn.IsClosed() {
		if _, err := run(p.conn, sql); err == nil {
			return nil
		}
	}
	var err error
	if p.conn, err = connect(p.dsn); err != nil {
		return err
	}
	_, err = run(p.conn, sql)
	return err
}

// run runs a statement; its schema outlives the connection.
func (p *postgres) run(sql string) (*result, error) {
	if p.conn.IsClosed() {
		c, err := connect(p.dsn)
		if err != nil {
			return nil, err
		}
		p.conn = c
		if _, err := run(c, "SET search_path = law"); err != nil {
			return nil, err
		}
	}
	return run(p.conn, sql)
}

func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// both runs a statement on both servers; what one refuses the other must refuse, too.
func (r *runner) both(ours, pg string) *failure {
	_, want := r.pg.run(pg)
	_, got := run(r.s.conn, ours)
	if strings.HasPrefix(pg, "BEGIN") && want != nil {
		r.pg.run("ROLLBACK")
		run(r.s.conn, "ROLLBACK")
	}
	if code(want) != code(got) || (want == nil) != (got == nil) {
		return &failure{nil, "statement", "PostgreSQL: " + text(want) + "; here: " + text(got) + "\n" + ours}
	}
	return nil
}

func text(err error) string {
	if err == nil {
		return "done"
	}
	return err.Error()
}

// find is the view as it is now, nil if it is not there.
func (r *runner) find(v *view) *view {
	for _, o := range r.live {
		if o.name == v.name {
			return o
		}
	}
	return nil
}

// create makes a view on both sides; a mode that is refused becomes update, a query that is not built is left out.
func (r *runner) create(v *view) *failure {
	for d := range v.deps {
		if r.gone[d] {
			r.gone[v.name] = true
			return nil
		}
	}
	if !r.foreign(v) {
		if _, err := r.pg.run("CREATE VIEW " + v.name + " AS " + render(v.query.sql(), true)); err != nil {
			r.gone[v.name] = true
			r.stats.refused["PostgreSQL: "+firstLine(err)]++
			return nil
		}
	}
	for {
		_, err := run(r.s.conn, v.create())
		if err == nil {
			break
		}
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != "0A000" {
			return &failure{v, "create", err.Error()}
		}
		r.stats.refused[v.mode+": "+e.Message]++
		if v.mode == "update" {
			r.gone[v.name] = true
			_, err := r.pg.run("DROP VIEW IF EXISTS " + v.name)
			return wrap(err, "postgres")
		}
		v.mode = "update"
	}
	now := *v
	r.live = append(r.live, &now)
	for t := range v.tags {
		r.stats.tags[t]++
	}
	r.stats.tags["trigger "+v.trigger]++
	if v.follow {
		return r.subscribe(&now, nil)
	}
	return nil
}

func (r *runner) subscribe(v *view, old *follower) *failure {
	f, err := startFollower(r.s.dsn, v.name, old)
	if err != nil {
		return &failure{v, "subscribe", err.Error()}
	}
	r.follows[v] = f
	return nil
}

// refollow subscribes again after a restart: after it where the follower was, after a crash, which may have undone what it saw, from the beginning.
func (r *runner) refollow(f *failure, goOn bool) {
	if f != nil {
		return
	}
	for v, old := range r.follows {
		old.stop()
		if !goOn {
			old = nil
		}
		r.subscribe(v, old)
	}
}

// set changes an option of a query.
func (r *runner) set(v *view, o op) *failure {
	if v == nil {
		return nil
	}
	if _, err := run(r.s.conn, o.String()); err != nil {
		return &failure{v, "alter", err.Error()}
	}
	if t, ok := strings.CutPrefix(o.sql, "trigger = "); ok {
		v.trigger = strings.Trim(t, "'")
	}
	r.stats.tags["alter "+o.sql]++
	return nil
}

func (r *runner) pause(v *view, o op) *failure {
	if v == nil || v.ends() {
		return nil
	}
	if _, err := run(r.s.conn, o.String()); err != nil {
		return &failure{v, "alter", err.Error()}
	}
	r.paused[v] = true
	r.stats.tags["pause"]++
	return nil
}

// ends says whether the query stops by itself.
func (v *view) ends() bool { return v.trigger == "once" || v.trigger == "available_now" }

// alter gives a query another SELECT. What follows it, or what reads it, ends with an error, and is begun anew.
func (r *runner) alter(v *view, o op) *failure {
	if v == nil {
		return nil
	}
	n := *v
	n.query = o.query
	replace := func(v *view) error {
		_, err := r.pg.run("CREATE OR REPLACE VIEW " + v.name + " AS " + render(v.query.sql(), true))
		return err
	}
	if !r.foreign(v) && replace(&n) != nil {
		return nil
	}
	if _, err := run(r.s.conn, o.String()); err != nil {
		if code(err) != "0A000" {
			return &failure{v, "alter", err.Error() + "\n" + o.String()}
		}
		r.stats.refused["ALTER: "+firstLine(err)]++
		if !r.foreign(v) {
			return wrap(replace(v), "postgres")
		}
		return nil
	}
	v.query = o.query
	r.stats.tags["alter as"]++
	for f, old := range r.follows {
		if f == v || r.reads(f, v) {
			old.stop()
			if f := r.subscribe(f, nil); f != nil {
				return f
			}
		}
	}
	return nil
}

// reads says whether v reads w, perhaps through others.
func (r *runner) reads(v, w *view) bool {
	return slices.ContainsFunc(r.live, func(o *view) bool { return v.deps[o.name] && (o == w || r.reads(o, w)) })
}

// trigger runs a query by hand, where it does not run by itself.
func (r *runner) trigger(v *view) *failure {
	if v == nil {
		return nil
	}
	sql := "CALL streamsql.run_trigger('" + v.name + "')"
	switch {
	case r.paused[v]:
		return nil
	case v.ends():
		sql = "ALTER " + v.what() + " " + v.name + " RESUME; CALL streamsql.await_termination('" + v.name + "', '20 seconds')"
	case v.trigger != "manual":
		return nil
	}
	if _, err := run(r.s.conn, sql); err != nil {
		return &failure{v, "failed", err.Error()}
	}
	return nil
}

// flush waits for the queries that run by themselves.
func (r *runner) flush() *failure {
	if _, err := run(r.s.conn, "FLUSH"); err != nil {
		return r.blame(err)
	}
	return nil
}

// blame finds the query that failed.
func (r *runner) blame(err error) *failure {
	res, e := run(r.s.conn, "SELECT name, error FROM streamsql.queries WHERE status = 'failed'")
	if e == nil {
		for _, row := range res.rows {
			for _, v := range r.live {
				if v.name == row[0] {
					return &failure{v, "failed", row[1]}
				}
			}
		}
	}
	if err == nil {
		return nil
	}
	return &failure{nil, "flush", err.Error()}
}

// settle brings every query up to date with its input.
func (r *runner) settle(times int) *failure {
	for v := range r.paused {
		delete(r.paused, v)
		if _, err := run(r.s.conn, "ALTER "+v.what()+" "+v.name+" RESUME"); err != nil {
			return &failure{v, "alter", err.Error()}
		}
	}
	for range times {
		if f := r.flush(); f != nil {
			return f
		}
		for _, v := range r.live {
			if len(v.deps) > 0 {
				if f := r.flush(); f != nil {
					return f
				}
			}
			if f := r.trigger(v); f != nil {
				return f
			}
		}
	}
	if f := r.flush(); f != nil {
		return f
	}
	return r.blame(nil)
}
