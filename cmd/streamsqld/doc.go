// Command streamsqld is the server: it wires the packages together and holds no logic of SQL or streams.
//
// main.go reads the flags (config.go adds the configuration file) and runs one of the commands: serve.go listens for PostgreSQL
// and HTTP clients over a node (node.go: store and engine), run.go runs a script without a server, demo.go shows live windows.
package main
