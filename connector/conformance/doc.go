// Package conformance is what every source and sink is tested with: Source holds a connector.Source to its contract, Sink a connector.Sink.
package conformance
