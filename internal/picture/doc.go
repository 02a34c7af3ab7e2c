// Package picture turns hostile bytes into pixels and pixels into files.
//
// It owns the judgement of a picture file by its content alone ([Sniff],
// [Probe]), its decoding under a memory budget that a whole process shares
// ([Budget], [Decode]), the conversion of what it decoded into upright sRGB
// pixels, and the writing of new files from pixels ([Encode]).
//
// Invariants:
//
//   - what a file claims is checked before anything is decoded, in memory that
//     does not grow with the claim (TestEveryBombIsRefusedInFlatMemory);
//   - a decoder's panic is a refusal of that file and reaches nobody else
//     (TestADecoderThatPanicsRefusesItsFileAlone);
//   - a truncated file is refused, never half delivered
//     (TestATruncatedFileIsDamaged);
//   - a decoded picture has exactly the size that was probed
//     (TestDecodedSizeIsTheProbedSize, FuzzDecode);
//   - all decoders together stay within their budget, and a decoder that
//     outlives its caller keeps its share until it has ended
//     (TestBudgetIsSharedAndReturned, TestCancelledDecodeKeepsItsShare);
//   - nothing but pixels passes from a source to an encoded file
//     (TestNoMetadataSurvives).
//
// Pixels without a profile are taken for sRGB. A profile that cannot be read is
// ignored and the pixels are taken for sRGB too.
//
// It does not decide which limits a shop sets, who may see a picture, what is
// done to its pixels, or where the bytes are kept.
package picture
