package types

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

func TestHashWithAndWithoutNullsAgrees(t *testing.T) {
	bl := array.NewInt64Builder(Mem)
	bl.AppendValues([]int64{5, 6}, nil)
	plain := bl.NewArray()
	bl.AppendValues([]int64{5, 0}, []bool{true, false})
	nulls := bl.NewArray()
	if HashRows([]arrow.Array{plain}, 2, nil)[0] != HashRows([]arrow.Array{nulls}, 2, nil)[0] {
		t.Fatal("the hash of a value depends on its neighbours")
	}
}
