package engine

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// listen runs LISTEN, UNLISTEN and NOTIFY.
func (s *session) listen(st *ast.Listen, w ResultWriter) error {
	n := s.eng.notify
	switch st.Kind {
	case "listen":
		n.listen(s, st.Channel)
	case "unlisten":
		n.unlisten(s, st.Channel)
	case "notify":
		m := Notification{PID: s.info.PID, Channel: st.Channel, Payload: st.Payload}
		s.tx.after = append(s.tx.after, func() { n.send(m) })
	}
	return w.Complete(strings.ToUpper(st.Kind))
}

// quiet are utility statements that have nothing to do here and say so by succeeding, as they would in a PostgreSQL where they change nothing that a query shows.
var quiet = map[string]string{"checkpoint": "CHECKPOINT"}

// utility runs the statements known by their first words only.
func (s *session) utility(st *ast.Utility, w ResultWriter) error {
	for first, tag := range quiet {
		if st.Kind == first || strings.HasPrefix(st.Kind, first+" ") {
			return w.Complete(tag)
		}
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "%s is not supported yet", strings.ToUpper(st.Kind)).At(int(st.Pos))
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
