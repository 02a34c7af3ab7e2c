// Package disk keeps blobs in a folder of the local file system.
//
// One blob is one file, `xx/key`, where xx are two hexadecimal digits of the
// key's SHA-256 (256 folders) and each slash of the key is written as a comma,
// which no key contains. So no key is ever a path, and "a" and "a/b" can both
// exist. A file is the blob itself followed by a trailer of 128 bytes with its
// length and content type: what is put is seen with its type or not at all, and
// a picture can still be opened by any viewer.
//
// Invariants
//
//   - A Put is a temporary file in the same folder, synced, renamed, and the
//     folder synced (TestPutIsOnStableStorageBeforeItReturns).
//   - A process killed in a Put leaves at most a temporary file. It is never
//     listed or opened, and the next Open of the store removes it, but not the
//     one that a living process is writing (TestKilledWriterLeavesNothingToSee,
//     TestOpenSparesTheTemporaryFilesOfTheLiving).
//   - A full disk is an error and leaves nothing (TestFullDiskIsAnErrorAndLeavesNothing).
//   - No symbolic link is followed out of the folder, and what is not a regular
//     file is not opened (TestLinksDoNotLeadOut, TestOnlyRegularFilesAreOpened).
//   - Folders are 0700, files 0600 (TestOnlyTheOwnerCanLook).
//
// It speaks to the file system through [os.Root] rather than through
// gocloud.dev's fileblob, which would not hold these: it renames without
// syncing, writes the content type to a second file before the first is in
// place, lists the temporary files of killed writers, follows links, and keeps a
// key's slashes as folders.
//
// It does not decide what a key may be or when a blob goes; package blob and the
// slices do.
package disk
