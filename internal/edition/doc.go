// Package edition keeps what a shop has published, and who accepted it.
//
// An edition is one version of one document: the bytes of all its languages,
// their hash, the pages as they were rendered on the day, when it was posted,
// by whom, and whether the change is material. [Read] takes the shop's folder,
// [Publish] stores what is new in it. A text takes effect when it is posted, or
// on the later day that it names itself; until then the folder may say what it
// likes. A [Shelf] gives the texts in force, in every process of the shop, and
// every older one for ever; an older one that this program can no longer parse
// is still shown by the page that was stored with it.
//
// A material change is told by a letter to everybody with an active account
// ([Shelf.Tell]), and by a notice until it is dismissed ([Shelf.Notices]). Where
// the document says that going on using the service accepts it,
// [Shelf.Continue] keeps that as a proof of acceptance, sealed by package
// account like those of sign-up and checkout ([Accept]).
//
// Invariants, on both databases:
//   - a version is one text for ever, and the newest is never replaced by an
//     older one (TestAVersionIsOneTextForEver, TestAnOlderVersionIsNotPublished)
//   - publishing is all or nothing, and once however many processes start
//     (TestManyProcessesPublishTheFirstEditionsOnce)
//   - a change in the folder changes nothing before it is posted
//     (TestOD_R_6_AChangeTakesEffectWhenItIsPosted)
//   - what was in force at a moment can be read later
//     (TestWhatWasInForceCanBeReadLater), even when it no longer parses
//     (TestAnEditionThatNoLongerParsesIsStillShown)
//   - a material change is told by one letter a person, across restarts
//     (TestOD_P_8_AMaterialChangeIsMailedOnceToEveryActiveAccount)
//   - going on using the service is acceptance once, and only where the
//     document says so (TestOD_R_6_GoingOnUsingTheServiceIsAcceptance,
//     TestWN_7_AcceptanceByUseIsNotAssumed)
//   - what was published cannot be changed or removed unnoticed
//     (TestAChangedByteIsFound), and keeps its address
//     (TestNS_10_EveryVersionKeepsItsAddress)
//
// It does not decide what a text says or how a case is judged (policy), nor how
// a page looks (web).
package edition
