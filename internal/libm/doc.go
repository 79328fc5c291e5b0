// Package libm has the elementary functions as PostgreSQL gives them, which takes them from the C library: exponentials, logarithms and trigonometry are
// computed with twice the precision and rounded once, so that they print like the C library's, whose errors are just above half a unit of the last
// place: about one result in a thousand differs. log10 and the hyperbolic functions take the steps that the C library takes, with these functions.
//
// Special values are those of package math.
package libm
