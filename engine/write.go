package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/stream"
	"github.com/streamsqld/streamsqld/types"
)

// write is what a transaction did to one relation: batches in order, with weights where rows go.
type write struct {
	rel     *catalog.Relation
	batches []*types.Batch
}

// write gives the pending writes to rel.
func (tx *txn) write(rel *catalog.Relation) *write {
	w := tx.writes[rel.OID]
	if w == nil {
		w = &write{rel: rel}
		tx.writes[rel.OID] = w
		tx.order = append(tx.order, rel.OID)
	}
	return w
}

func (w *write) add(b *types.Batch) {
	if b.N > 0 {
		w.batches = append(w.batches, b)
	}
}

// weighted says whether rows go.
func (w *write) weighted() bool {
	for _, b := range w.batches {
		if b.W != nil {
			return true
		}
	}
	return false
}

// splits are the pending rows as an input, with the given columns.
func (w *write) splits(cols []int) types.Split {
	batches := w.batches
	return types.Split{Read: func(_ context.Context, emit func(*types.Batch) error) error {
		for _, b := range batches {
			if err := emit(b.Project(cols)); err != nil {
				return err
			}
		}
		return nil
	}}
}

// netRows gives what remains of the splits' rows, once those that go have taken back those that came. One that goes alone is of another key
// than the one that was looked up.
func netRows(ctx context.Context, splits []types.Split) ([]types.Split, error) {
	var all []*types.Batch
	for _, sp := range splits {
		if err := sp.Read(ctx, func(b *types.Batch) error { all = append(all, b); return nil }); err != nil {
			return nil, err
		}
	}
	net, err := stream.Consolidate(all)
	if err != nil || net == nil {
		return nil, err
	}
	if net.W != nil {
		var rows []int32
		for i, w := range net.W {
			for range w {
				rows = append(rows, int32(i))
			}
		}
		net = &types.Batch{Cols: types.TakeBatch(net, rows).Cols, N: len(rows)}
	}
	return []types.Split{{Read: func(_ context.Context, emit func(*types.Batch) error) error { return emit(net) }}}, nil
}

// changelog is what a relation in the server is read from; nil: its rows are outside (a replayable connector) or it has none (a view).
func (e *Engine) changelog(rel *catalog.Relation) (state.Changelog, error) {
	switch rel.Kind {
	case catalog.Table, catalog.MatView:
		return e.mgr.Table(rel)
	case catalog.Sink:
		if rel.Connector() == "memory" {
			return e.mgr.Table(rel)
		}
		return nil, sqlerr.New(sqlerr.WrongObjectType, "sink %q keeps no rows in the server", rel.Name).WithHint("Only a sink with connector = 'memory' can be read as a table.")
	case catalog.Stream:
		if e.hasLog(rel) {
			return e.mgr.Log(rel)
		}
	}
	return nil, nil
}

// hasLog says whether a stream's rows are kept by the server: it has no connector, or one that can't be read again.
func (e *Engine) hasLog(rel *catalog.Relation) bool {
	c := rel.Connector()
	if c == "" {
		return true
	}
	def := e.connector(c)
	return def != nil && def.OpenReceiver != nil
}

// pin gives the version of rel that the transaction reads. In a transaction block all relations are pinned together at the first read.
func (e *Engine) pin(tx *txn, rel *catalog.Relation, log state.Changelog) int64 {
	if tx.versions == nil {
		tx.versions = map[uint32]int64{}
		if tx.block {
			e.pinAll(tx)
		}
	}
	v, ok := tx.versions[rel.OID]
	if !ok {
		v = log.Version()
		tx.versions[rel.OID] = v
		if tx.block {
			e.holdVersion(tx, log, v)
		}
	}
	return v
}

func (e *Engine) pinAll(tx *txn) {
	logs := map[uint32]state.Changelog{}
	for _, r := range e.cat.Relations() {
		if l, err := e.changelog(r); err == nil && l != nil {
			logs[r.OID] = l
		}
	}
	e.store.View(func() {
		for oid, l := range logs {
			tx.versions[oid] = l.Version()
			e.holdVersion(tx, l, tx.versions[oid])
		}
	})
}

// holdVersion keeps a table's version readable until the transaction ends.
func (e *Engine) holdVersion(tx *txn, log state.Changelog, v int64) {
	if t, ok := log.(*state.Table); ok {
		if release, err := t.Pin(v); err == nil {
			tx.pins = append(tx.pins, release)
		}
	}
}

func (e *Engine) unpin(tx *txn) {
	for _, f := range append(tx.pins, tx.locks...) {
		f()
	}
	tx.pins, tx.locks = nil, nil
}

// commitTx makes a transaction durable in one synced batch and its rows visible together.
func (e *Engine) commitTx(ctx context.Context, tx *txn) error {
	if len(tx.order) == 0 && len(tx.catalog) == 0 {
		return nil
	}
	if ok, err := e.appendOnly(ctx, tx); ok || err != nil {
		return err
	}
	e.commitMu.Lock()
	defer e.commitMu.Unlock()
	if err := e.checkLockedRows(tx); err != nil {
		return err
	}
	cat := e.cat
	if tx.cat != nil {
		if err := e.cat.CheckMerge(tx.cat); err != nil {
			return err
		}
		cat = tx.cat
	}
	for _, f := range tx.before {
		f()
	}
	b := e.store.NewBatch()
	for _, f := range tx.catalog {
		if err := f(b); err != nil {
			b.Close()
			return err
		}
	}
	for _, oid := range tx.order {
		w := tx.writes[oid]
		if len(w.batches) == 0 || cat.ByOID(oid) == nil {
			continue
		}
		if err := e.commitWrite(b, tx, w, cat); err != nil {
			b.Close()
			return err
		}
	}
	err := b.Commit(true)
	if err == nil && tx.cat != nil {
		e.cat.Merge(tx.cat)
	}
	return err
}

// appendOnly is the short way of a transaction that only appends to one stream: appends of many sessions share a write.
func (e *Engine) appendOnly(ctx context.Context, tx *txn) (bool, error) {
	if len(tx.order) != 1 || len(tx.catalog) > 0 {
		return false, nil
	}
	w := tx.writes[tx.order[0]]
	if w.rel.Kind != catalog.Stream {
		return false, nil
	}
	if len(w.batches) == 0 {
		return true, nil
	}
	log, err := e.mgr.Log(w.rel)
	if err != nil {
		return false, err
	}
	all, err := types.ConcatBatches(w.batches)
	if err != nil {
		return false, err
	}
	return true, log.Append(ctx, all)
}

func (e *Engine) commitWrite(b *state.Batch, tx *txn, w *write, cat *catalog.Catalog) error {
	all, err := types.ConcatBatches(w.batches)
	if err != nil {
		return err
	}
	if w.rel.Kind == catalog.Stream {
		log, err := e.mgr.Log(w.rel)
		if err != nil {
			return err
		}
		return log.AppendTo(b, all)
	}
	if now := cat.ByOID(w.rel.OID); now != nil && now.Stored() != w.rel.Stored() {
		return errSerialization() // the table was written anew meanwhile
	}
	t, err := e.mgr.Table(w.rel)
	if err != nil {
		return err
	}
	if err := e.checkConflicts(tx, t, w, all); err != nil {
		return err
	}
	now := e.clock()
	if tx.clock != nil {
		now = *tx.clock
	}
	return t.ApplyDelta(b, t.Version()+1, state.Delta{Changes: all, Watermark: state.NoWatermark, At: now.UnixMicro()})
}

func errSerialization() error {
	return sqlerr.New(sqlerr.SerializationFailure, "could not serialize access due to concurrent update").WithHint("Run the transaction again.")
}
