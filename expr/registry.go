package expr

import (
	"sync"
)

// families is the explicit list of all scalar functions, operators and set-returning functions.
var families = []func() []*Func{
	arithIntFuncs,
	arithFloatFuncs,
	arithNumericFuncs,
	gcdNumericFuncs,
	compareFuncs,
	enumFuncs,
	bitFuncs,
	inetFuncs,
	stringFuncs,
	concatFuncs,
	likeFuncs,
	regexpFuncs,
	regexpFindFuncs,
	mathFuncs,
	datetimeFuncs,
	intervalFuncs,
	overlapsFuncs,
	clockFuncs,
	zoneFuncs,
	extractFuncs,
	truncFuncs,
	encodeFuncs,
	byteaFuncs,
	formatFuncs,
	systemFuncs,
	columnSizeFuncs,
	catalogFuncs,
	parseIdentFuncs,
	arrayFuncs,
	arrayEditFuncs,
	nullFuncs,
	seriesFuncs,
	sequenceFuncs,
	advisoryFuncs,
	jsonFuncs,
	jsonBuildFuncs,
	arrayToJSON,
	jsonMoreFuncs,
	populateFuncs,
	unicodeFuncs,
	jsonpathFuncs,
	toCharFuncs,
	toDateFuncs,
	numberFuncs,
	learnFuncs,
	typeIOFuncs,
}

var allFuncs = sync.OnceValue(func() []*Func {
	var fs []*Func
	for _, f := range families {
		fs = append(fs, f()...)
	}
	fs = append(fs, operatorFuncs(fs)...)
	for _, f := range fs {
		nameArgs(f)
	}
	return fs
})

var byFuncName = sync.OnceValue(func() map[string][]*Func {
	m := map[string][]*Func{}
	for _, f := range allFuncs() {
		m[f.Name] = append(m[f.Name], f)
	}
	return m
})

// Funcs lists every function and operator, in the order of the families. The caller must not change it.
func Funcs() []*Func { return allFuncs() }

// IsFunc says whether there is a function of this name (operators are not).
func IsFunc(name string) bool { return !IsOperator(name) && len(byFuncName()[name]) > 0 }

// IsSetReturning says whether the functions of this name give sets of rows.
func IsSetReturning(name string) bool {
	fs := byFuncName()[name]
	return len(fs) > 0 && fs[0].Set != nil
}
