package dev.sotto.guard;

import java.util.Set;

/// Words that tell whether a word may be part of a name. All lower case.
final class NameWords {
    /// Common words that end a name or are none.
    private static final Set<String> COMMON =
            Set.of(("a able about above account actually address advocate afraid after afternoon again"
                            + " agent ago all allergic allergy allowed almost already also always am an and annual"
                            + " any anyone anything anyway appointment appointments april are area around as ask"
                            + " asking assistant asthmatic at august automated available away awesome back bad be"
                            + " because been before being best better between big bill billing birth birthday blood"
                            + " book booked born both bring brother busy but button by bye call called caller"
                            + " calling calls came can can't cancel cancelling card care caregiver cell certain"
                            + " change check checked checking checkup chest city clinic cold come coming confirm"
                            + " confirming confused correct cough could currently dad daily date daughter day days"
                            + " december diabetic dialing didn't discharge discharged do dob doctor doctor's does"
                            + " doesn't doing don't done dose doses down dr during each early education either else"
                            + " email emergency end enough even evening ever every everything excuse experience"
                            + " father fax february feel feeling fell fever few file fine first flu follow"
                            + " following for free friday friend from front full gave get gets getting give glad go"
                            + " goes going gonna good got great guardian had happy has hasn't have haven't having"
                            + " he he's hear heart hello help her here here's hers hi him hip his history hold home"
                            + " hoping hospital hour hours how hurt husband i i'd i'll i'm i've id if important in"
                            + " information insurance intake interested into is isn't it it's its january july june"
                            + " just keep kind knee know lab last late later leave leaving left let like line"
                            + " listed little live long look looking lost lot make many march may maybe me mean"
                            + " medical medication medications member message midnight might mine minute miss"
                            + " missus mister mobile mom monday more morning most mother move mr mrn mrs ms much"
                            + " mum must my name name's named names near need needed needs negative nervous never"
                            + " new next nice night no noon nope not nothing november now number nurse october of"
                            + " off office often oh ok okay old on once one only open or order other our ours out"
                            + " outcome over pain pardon parent patient patient's patients perfect pharmacy phone"
                            + " physical pills please policy portal positive pregnant prescription press pressing"
                            + " pressure pretty probably put question quick quite ready really reason receptionist"
                            + " record records reference refill regarding registered regular remember"
                            + " representative reschedule result results returning ridiculous right room routine"
                            + " running safety said same satisfaction saturday say saying schedule scheduled second"
                            + " security see seems seen sent september services she she's shot shots should sick"
                            + " since sir sister so social some someone something son soon sorry sounds speak"
                            + " speaking spell spelled spelling ssn state still stop street stuck such sugar sunday"
                            + " supposed sure surgery take taken taking talk team tell terrible test text than"
                            + " thank thanks that that's the their them then there there's they they're thing think"
                            + " this those throat thursday time times to today told tomorrow tonight too transfer"
                            + " trying tuesday two uh um unable under until up upset urgent us use used usually"
                            + " vaccine very virtual visit visits voicemail wait waiting want wanted wants was"
                            + " wasn't way we we'll we're wednesday week weekend weeks well went were what what's"
                            + " when where which while who who's why wife will wish with without won't wonderful"
                            + " wondering work working works worried would wouldn't wrong yeah year years yep yes"
                            + " yesterday yet you you're your yours zip")
                    .split(" "));

    private static final Set<String> FIRST_NAMES =
            Set.of(("aaron abigail adam ahmed aisha alan albert alex alexander alexis ali alice amanda"
                            + " amber amy ana andrea andrew angela ann anna anthony arjun arthur ashley austin ava"
                            + " barbara becky ben benjamin beth betty beverly billy bob bobby bradley brandon"
                            + " brenda brian brittany bruce bryan carl carlos carmen carol carolyn catherine"
                            + " charles charlotte cheryl chloe chris christian christina christine christopher"
                            + " clara cynthia dan daniel danielle dave david deborah debra denise dennis diana"
                            + " diane diego donna doris dorothy douglas dylan edward elena elijah elizabeth ella"
                            + " emily emma eric ethan eugene evelyn fatima felix frances gabriel gary george gerald"
                            + " gloria gregory hannah harold heather helen henry hugo ingrid isabella ivy jack"
                            + " jacob jacqueline james jane janet janice jason jean jeffrey jennifer jenny jeremy"
                            + " jerry jesse jessica jim joan joe john jonathan jordan jose joseph joshua joyce juan"
                            + " judith judy julia julie justin karen kate katherine kathleen kathryn katie kayla"
                            + " keith kelly kenneth kevin kimberly kyle larry laura lauren lawrence leah leo liam"
                            + " lily linda lisa liz logan lori lucas lucy luis madison maggie margaret maria marie"
                            + " marilyn martha mary mason mateo matt matthew max megan mei melissa mia michael"
                            + " michelle miguel mike mohammed nadia nancy natalie nathan nicholas nick nicole noah"
                            + " nora oliver olivia omar oscar pamela patricia patrick paul pedro peter philip priya"
                            + " rachel raj ralph randy rebecca richard robert roger ronald rosa roy russell ruth"
                            + " ryan sam samantha samuel sandra sara sarah scott sean sharon shirley sofia sophia"
                            + " stephanie stephen steve steven sue susan teresa terry theresa thomas tim timothy"
                            + " tom tony tyler victoria vincent virginia walter wayne wei william willie yuki"
                            + " zachary zoe")
                    .split(" "));

    private NameWords() {}

    /// Whether a word may be part of a name at all.
    static boolean possible(String word) {
        String plain = word.endsWith("'s") ? word.substring(0, word.length() - 2) : word;
        return plain.length() >= 2 && !COMMON.contains(word) && !COMMON.contains(plain);
    }

    static boolean isFirstName(String word) {
        return FIRST_NAMES.contains(word);
    }
}
