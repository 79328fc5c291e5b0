package expr

import "github.com/streamsqld/streamsqld/types"

// Resolved is a function or operator call whose overload is settled.
type Resolved struct {
	Fn      *Func
	ArgType []types.Type // what each argument has to be cast to
	Ret     types.Type
}

// ResolvedAgg is an aggregate call whose overload is settled.
type ResolvedAgg struct {
	Agg     *Agg
	ArgType []types.Type
	Ret     types.Type
}
