// Package web holds the pages. Each page is a templ component over its own
// view struct, whose strings and numbers are already in the reader's language,
// so that it can be rendered without a database.
//
// The look lives in tools/assets: tokens.css states every colour and size,
// components.css each component once; shop_look.go states a shop's own colours
// and type over the tokens. static holds what was built from it and
// is committed; "go run ./tools/assets" and "go tool templ generate" refresh
// the generated files.
//
// A [Server] answers requests: server.go makes pages and guards, and the
// handlers of a slice stand together (site.go, policy_page.go, decide.go,
// people.go, shop.go, lab.go, live.go). A handler reads the request, calls one
// verb, fills a view. What is wrong with a form comes back with the form
// (refused.go); what went well is said on the next page (said.go).
//
// Invariants: every page renders in every language without a missing message,
// with one h1, headings in order, a label for every control and nothing inline
// (TestEveryPageIsSoundInEveryLanguage); axe finds nothing serious on a phone
// or a desk, in either theme (TestAxeFindsNothingSerious); pages fit a narrow
// phone and a wide screen without scrolling sideways (TestPagesFitTheScreen).
//
// Of the shop: each looks like itself, in tones that can be read in both
// themes (TestEachShopLooksLikeItself, TestEveryLookCanBeRead), and none speaks
// of another (TestNoShopSpeaksOfAnother); a promise on the front page stands in
// the policy (TestThePromisesOnTheFrontPageStandInThePolicy); what cannot be
// ordered is listed without a way to order it
// (TestPricesListEverythingAndSellWhatCanBeSold).
//
// Of the lab: another's photos and jobs are absent, to look at and to act on
// (TestNobodySeesOrTouchesAnothersPhotosAndJobs); of several files that are
// sent each is judged alone (TestRefusedFilesAreNamedAndTheOthersKept); work
// begins at the cost that was shown (TestWorkBeginsAtTheCostThatWasShown); a
// photo goes with everything made of it
// (TestAPhotoIsDeletedWithEverythingMadeOfIt); an open page is told what moved
// and nothing else, whoever does the work (TestAPageIsToldWhatMovedAndNothingElse,
// TestWorkOfAnotherProcessIsTold), in little (TestManyJobsMakeASmallStream), and
// no longer than its reader is signed in
// (TestAStreamEndsWithTheSessionAndWithTheProcess).
//
// Of the policies: the text in force stands at one address and each older one at
// its own (TestNS_10_TheCurrentTextIsAtOneAddressAndEachOlderOneAtItsOwn); each
// clause says how it is applied, in words made from its rules
// (TestEachClauseSaysHowItIsApplied); a material change is told until it is seen
// (TestOD_P_8_AMaterialChangeIsToldUntilItIsSeen); anybody tries a case by the
// function that decides every case, without scripts
// (TestAnybodyTriesACaseStepByStepWithoutScripts), no query breaks that form
// (TestNoQueryBreaksTheForm), and each shop answers each ground for all it sells
// (TestEveryShopAnswersEveryGroundForEverythingItSells).
//
// It does not decide prices, permissions or what may happen to a photo or an
// order: the slices do.
package web
