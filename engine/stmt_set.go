package engine

import (
	"sort"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// set runs SET.
func (s *session) set(st *ast.Set, w ResultWriter) error {
	switch st.Name {
	case "transaction":
		return s.setTransaction(st.Values, w)
	case "session characteristics":
		return s.setCharacteristics(st.Values, w)
	}
	name := st.Name
	if st.Default {
		return s.resetOne(name, st.Local, w, "SET")
	}
	if st.Local && (s.tx == nil || !s.tx.block) {
		s.notice("WARNING", sqlerr.NoActiveSQLTransaction, "", "SET LOCAL can only be used in transaction blocks")
		return w.Complete("SET")
	}
	value := strings.Join(st.Values, ", ")
	if err := s.SetSetting(name, value, st.Local); err != nil {
		return err
	}
	return w.Complete("SET")
}

func (s *session) resetOne(name string, local bool, w ResultWriter, tag string) error {
	def := findSetting(name)
	if def == nil {
		s.values = s.values.clone()
		delete(s.values, strings.ToLower(name))
		return w.Complete(tag)
	}
	if def.readOnly {
		return sqlerr.New(sqlerr.CantChangeRuntimeParam, "parameter %q cannot be changed", def.name)
	}
	if err := s.SetSetting(name, s.start.get(def), local); err != nil {
		return err
	}
	return w.Complete(tag)
}

// reset runs RESET.
func (s *session) reset(st *ast.Reset, w ResultWriter) error {
	if !st.All {
		return s.resetOne(st.Name, false, w, "RESET")
	}
	s.values = s.start.clone()
	return w.Complete("RESET")
}

// discard runs DISCARD.
func (s *session) discard(st *ast.Discard, w ResultWriter) error {
	if st.What == "all" {
		if s.tx != nil && s.tx.block {
			return sqlerr.New(sqlerr.ActiveSQLTransaction, "DISCARD ALL cannot run inside a transaction block")
		}
		s.values = s.start.clone()
		s.stmts = map[string]*prepared{}
		s.closePortals()
		s.eng.notify.unlisten(s, "*")
		s.UnlockAll()
	}
	if st.What == "all" || st.What == "sequences" {
		s.currvals, s.lastSequence = nil, 0
	}
	return w.Complete("DISCARD " + strings.ToUpper(st.What))
}

func (s *session) describeShow(st *ast.Show) ([]Column, error) {
	if st.All {
		return textCols("name", "setting", "description"), nil
	}
	if l := showList(st.Name); l != nil {
		return l.cols, nil
	}
	def := findSetting(st.Name)
	if def == nil {
		if _, ok := s.values[strings.ToLower(st.Name)]; ok {
			return textCols(strings.ToLower(st.Name)), nil
		}
		return nil, unknownSetting(st.Name)
	}
	return textCols(def.name), nil
}

// openShow runs SHOW.
func (s *session) openShow(st *ast.Show) (*rowSource, error) {
	cols, err := s.describeShow(st)
	if err != nil {
		return nil, err
	}
	if l := showList(st.Name); l != nil && !st.All {
		return s.withTag(fixedRows(cols, l.rows(s)), "SHOW"), nil
	}
	if !st.All {
		v, _ := s.Setting(st.Name)
		return s.withTag(fixedRows(cols, textRows(1, [][]string{{v}})), "SHOW"), nil
	}
	var rows [][]string
	for _, st := range allSettings() {
		rows = append(rows, []string{st.name, s.values.get(st), st.doc})
	}
	sort.Slice(rows, func(i, j int) bool { return strings.ToLower(rows[i][0]) < strings.ToLower(rows[j][0]) })
	return s.withTag(fixedRows(cols, textRows(3, rows)), "SHOW"), nil
}

// withTag gives src a fixed command tag.
func (s *session) withTag(src *rowSource, tag string) *rowSource {
	src.tag = func(int64) string { return tag }
	return src
}

// list is a SHOW that lists objects.
type list struct {
	name string
	cols []Column
	rows func(s *session) *types.Batch
}

func showList(name string) *list {
	for i := range lists {
		if lists[i].name == name {
			return &lists[i]
		}
	}
	return nil
}
