/** A data set to try things on when the server has none: mails, one a line, gold label first. */
export const sampleMails = `spam\tYou have WON a free cruise! Click here to claim your prize now
spam\tCheap meds, no prescription needed, order today and save 80%
spam\tDear friend, I am a prince and need your help to move 10 million dollars
spam\tWork from home and earn $5000 a week, no experience required
spam\tLose weight fast with this one free trick, guaranteed
spam\tCongratulations, your email was selected: claim $1,000,000 today
spam\tRefinance now, rates have never been this low, act today
spam\tFree ringtones! Text WIN to 80085, unsubscribe any time
spam\tHot stock tip: buy now before the price goes up, guaranteed profit
spam\tYour account is on hold, click here to verify your password
spam\tMeet singles in your area tonight, free sign up
spam\tExclusive offer: luxury watches at 90% off, limited time
spam\tMake money online with our free report, click here
spam\tLast chance to claim your free gift card
spam\tIncrease your sales with 2 million email addresses, only $49
ham\tLunch on Thursday? The new place next to the station is open now
ham\tRe: build fails on arm64 – the linker flag was wrong, patch attached
ham\tMinutes of the meeting are in the shared folder, please correct my notes
ham\tYour train ticket for 14 May, coach 7, seat 32
ham\tCould you review my pull request before Friday? It is a small one
ham\tRe: Re: kernel panic after the update, here is the trace
ham\tHappy birthday! See you at the weekend, bring the kids
ham\tThe invoice for March is attached, payable within 30 days
ham\tThe list is moving to a new server on Sunday, expect a short pause
ham\tThanks for the photos, the one at the lake is my favourite
ham\tPlease send me the draft of chapter 3 when you have a minute
ham\tReminder: dentist on Tuesday at 9:40, call us if you cannot come
ham\tRe: question about the grant, the deadline is the end of June
ham\tThe library book that you reserved is ready, pick it up for free
ham\tWe won the match 3:2, what a game! Pictures are on the page
ham\tNotes from the call: release on Monday, Ana writes the changelog
ham\tCan you call me back about the heating? It is cold again
ham\tRe: recipe, two eggs and a little less sugar than it says
ham\tThe parcel was left with your neighbour at number 12
ham\tNew version 2.4 is tagged, please test the upgrade on staging
ham\tParents' evening is on 3 June at 18:30 in the school hall`;
