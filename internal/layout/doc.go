// Package layout holds the map of the house as a test: every package, and what
// each may import. A package that is not on the map, or that imports more than
// its line allows, fails the build (TestEveryPackageIsOnTheMap,
// TestNobodyImportsMoreThanTheMapAllows), and so does one without a doc.go
// (TestEveryPackageSaysWhatItIs).
package layout
