package stream

import (
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// stateRunner is a Runner whose operators' state can be read as tables; see exec.Graph.
type stateRunner interface {
	exec.Runner
	StateOps() []string
	StateCols(op string) plan.Schema
	StateRows(op string, emit func(part string, b *types.Batch) error) error
}

// stateRunner makes a query's operators afresh, without state.
func (m *Manager) stateRunner(oid uint32) (*Query, stateRunner, error) {
	x, err := m.query(oid)
	if err != nil {
		return nil, nil, err
	}
	x.mu.Lock()
	q := x.q
	x.mu.Unlock()
	r, err := q.Build()
	if err != nil {
		return nil, nil, err
	}
	s, ok := r.(stateRunner)
	if !ok {
		return nil, nil, sqlerr.New(sqlerr.InternalError, "the operators of %q have no readable state", q.Rel.Name)
	}
	return q, s, nil
}

// StateOps lists the operators of a query that have state.
func (m *Manager) StateOps(oid uint32) ([]string, error) {
	_, r, err := m.stateRunner(oid)
	if err != nil {
		return nil, err
	}
	return r.StateOps(), nil
}

// StateCols are the columns of an operator's state; nil: it has several tables.
func (m *Manager) StateCols(oid uint32, op string) (plan.Schema, error) {
	_, r, err := m.stateRunner(oid)
	if err != nil {
		return nil, err
	}
	return r.StateCols(op), nil
}

// StateRows gives the state of an operator as of the last commit, with the name of the part where it has several tables. It reads what is stored, beside the query that runs.
func (m *Manager) StateRows(oid uint32, op string, emit func(part string, b *types.Batch) error) error {
	q, r, err := m.stateRunner(oid)
	if err != nil {
		return err
	}
	s := saver{oid: q.Rel.Stored()}
	if s.cold, err = openCold(m.cfg.Store, q.Rel, r); err != nil {
		return err
	}
	if err := s.load(m.cfg.Store, r, op); err != nil {
		return err
	}
	return r.StateRows(op, emit)
}
