// Package connector is the contract between the server and the outside: sources that can be read again, receivers that can't, and sinks.
//
// Each connector is a package of its own below this one; connector/builtin lists them. Formats (json, csv, text, ...) are in
// connector/format and serve every connector.
package connector
