// Package blob keeps bytes by key: originals, results, attachments, exports.
//
// It owns what a key may look like and what every [Store] promises. There are
// two stores: disk (a folder) and s3 (an S3-compatible service). Both pass the
// one suite in blobtest, whose cases are named below.
//
// Invariants
//
//   - A reader sees one whole version of a blob, or an error, never a mixture
//     (blobtest "an overwrite is seen whole or not at all").
//   - A Put that returned nil is on stable storage, so the database may be told
//     (disk: TestPutIsOnStableStorageBeforeItReturns).
//   - A Put that failed changes nothing: no new blob, no part of one, and the
//     older version stays (blobtest "a source that fails leaves nothing behind",
//     disk: TestFullDiskIsAnErrorAndLeavesNothing).
//   - No key leaves the store's folder or bucket prefix (blobtest "a bad key is
//     refused by every verb", FuzzCheckKey).
//   - A key from [NewKey] carries at least 128 random bits
//     (TestNewKeysAreUnguessable).
//
// It does not decide who may see a blob (the slice that holds the key does),
// what type the bytes really are (the slice that takes an upload looks), nor
// how long they are kept.
package blob
