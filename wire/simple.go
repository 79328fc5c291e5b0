package wire

import (
	"context"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// query does a simple query: all its statements, their results and ReadyForQuery.
func (c *conn) query(sql string) {
	err := checkUTF8(sql)
	if err == nil {
		c.w.reset(true, sql)
		err = c.call(func(ctx context.Context) error {
			c.w.ctx = ctx
			return c.sess.Query(ctx, sql, &c.w)
		})
		c.w.end()
	}
	if err != nil {
		c.fail(err, sql)
	}
	c.ready()
}

// checkUTF8 refuses text that is not UTF-8, naming the first bad byte as PostgreSQL does.
func checkUTF8(s string) error {
	if utf8.ValidString(s) {
		return nil
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return sqlerr.New(sqlerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x%02x", s[i])
		}
		i += n
	}
	return nil
}
