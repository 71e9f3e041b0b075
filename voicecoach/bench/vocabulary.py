"""Words and templates of our own that `texts` makes talk of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How people talk in one language."""

    words: Mapping[str, tuple[str, ...]]
    """What can stand in a template's `{slot}`; may hold slots itself."""
    templates: Mapping[str, tuple[str, ...]]
    """Sentences, by the kind of talk."""
    weights: tuple[int, ...]
    """How often each kind of talk occurs, in the order of `templates`."""
    near_misses: tuple[str, ...]
    """What is easily taken for a phrase."""


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "name": _list("Anna|Martin|Judith|Peter|Carol|Henry|Lucy|Oliver|Megan|Walter|Grace|Simon|Nora|Frank|Alice|George"),
    "relative": _list(
        "my sister|your brother|our neighbour|her mother|his father|my uncle|the twins|grandma|your cousin"
        "|the kids|my wife|her husband|the boys|our daughter"
    ),
    "who": _list("{name}|{relative}|{name}|she|he|somebody|everybody|the plumber|the teacher|the doctor|the driver"),
    "place": _list(
        "the market|the station|the library|the swimming pool|the bakery|the harbour|the old town|the garden centre"
        "|the post office|the village|the airport|the playground|the museum|the hospital|the stadium|the car park"
    ),
    "city": _list(
        "Bristol|Vienna|Denver|Lisbon|Glasgow|Chicago|Dublin|Toronto|Geneva|Seattle|Oslo|Boston|Naples|Portland"
    ),
    "day": _list("Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|tomorrow|tonight|the weekend|next week"),
    "month": _list("January|February|March|April|June|July|August|September|October|November|December"),
    "time": _list(
        "half past seven|a quarter to nine|five o'clock|noon|ten in the morning|about six|eleven thirty"
        "|just after eight"
    ),
    "number": _list("two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|sixty|a hundred"),
    "unit": _list("minutes|hours|days|weeks|months|years"),
    "amount": _list(
        "a cup of|two spoons of|half a pound of|a pinch of|plenty of|a handful of|a little|three pieces of"
    ),
    "food": _list(
        "butter|flour|rice|onions|garlic|tomatoes|sugar|salt|pepper|cream|potatoes|mushrooms|spinach|lentils|cheese"
        "|chicken|salmon|beans|carrots|olive oil|parsley|vinegar|honey|yoghurt"
    ),
    "dish": _list("soup|stew|salad|pancakes|an omelette|a pie|curry|roast potatoes|apple cake|fried rice|a sandwich"),
    "vessel": _list("the pan|the pot|a large bowl|the oven|a small dish|the frying pan|the kettle|the fridge"),
    "cook": _list("stir|fry|boil|chop|mix|warm|grate|slice|season|peel|drain|whisk|simmer"),
    "thing": _list(
        "the newspaper|my keys|the umbrella|your jacket|the bill|the parcel|that book|the camera|the ladder|the lamp"
        "|the letter|my glasses|the remote control|the bicycle|the suitcase|the washing|the dishes|the ticket"
    ),
    "adjective": _list(
        "strange|lovely|difficult|expensive|quiet|interesting|terrible|wonderful|heavy|cheap|slow|crowded|cold|warm"
    ),
    "weather": _list("rain|snow|sunshine|strong winds|thunderstorms|fog|frost|clear skies|showers|drizzle"),
    "region": _list("the north|the south coast|the eastern counties|the hills|the valley|the islands|the capital"),
    "office": _list(
        "the government|the council|the minister|the company|a spokeswoman|the union|the central bank|the court"
        "|the committee|the police|the opposition|the mayor"
    ),
    "subject": _list(
        "the new budget|the housing plan|higher taxes|the railway strike|the election|climate targets|school meals"
        "|the trade deal|the bridge|hospital waiting times|water prices|the new airport"
    ),
    "act": _list(
        "has rejected|is expected to announce|will vote on|has defended|is looking into|has criticised|has agreed on"
        "|will not comment on|has delayed|is preparing"
    ),
    "team": _list("the visitors|the home side|the champions|Rovers|United|the national team|the young squad"),
    "music": _list("a string quartet|an old song|the new album|a piano concerto|a jazz standard|the morning concert"),
    "opinion": _list(
        "I think|I suppose|I am sure|I would say|they say|it seems|you know|I heard|I hope|I doubt|I guess"
    ),
    "feeling": _list("tired|hungry|happy|worried|annoyed|surprised|bored|sick|thirsty|busy|late|ready to leave"),
    "verb": _list(
        "bring|find|repair|sell|clean|forget|carry|borrow|paint|order|send back|pick up|wrap|return|move|lend"
    ),
    "past": _list(
        "brought|found|repaired|sold|cleaned|forgot|carried|borrowed|painted|ordered|sent back|picked up|lost"
    ),
    "animal": _list("the dog|the cat|a fox|the hens|the neighbour's dog|a hedgehog|the goldfish|a horse"),
    "room": _list("the kitchen|the bathroom|the hallway|upstairs|the garage|the attic|the living room|the cellar"),
    # Where words that are commands come up in talk.
    "command_talk": _list(
        "the next train|the other foot|my left foot|the light switch|a short pause|the bus stop|a long wait|no time"
        "|the start of the film|the finish line|the other side|a second helping|the whole exercise|a painful cramp"
        "|the last stop|more time|too much salt|some help|a repeat of it|the previous owner"
    ),
    "command_verb": _list(
        "go back to|wait for|stop at|start with|skip|switch off|hold on to|carry on with|continue with|explain"
        "|repeat|help with|finish|back off from|resume"
    ),
}

_TEMPLATES: Final[dict[str, tuple[str, ...]]] = {
    "home": _list(
        "{who} {past} {thing} in {room}.|Could you {verb} {thing} before {day}?|Where did you put {thing}?"
        "|{relative} will be here at {time}.|I told {who} to {verb} {thing}, but {who} was too {feeling}."
        "|Have you seen {animal} in {room}?|{opinion} {who} left {thing} at {place}."
        "|We need {number} more of those for {room}.|Don't forget that {who} is coming over on {day}."
        "|It was so {adjective} that {who} went home early."
        "|The washing machine has been making that noise for {number} {unit}."
        "|{animal} got into {room} again and broke {thing}.|You look {feeling}, did you sleep at all?"
        "|I was {feeling}, so I stayed at {place} until {time}.|Shall we take the car or walk to {place}?"
        "|My phone says it is {number} {unit} to {place}.|She used to live near {place} with {relative}."
    ),
    "cooking": _list(
        "{cook} {amount} {food} into {vessel}.|Then you {cook} the {food} for {number} minutes."
        "|Add {amount} {food} and {amount} {food}.|Is there any {food} left in {vessel}?"
        "|{opinion} the {dish} wants more {food}.|First {cook} the {food}, and then {cook} the {food} with {food}."
        "|For supper there is {dish} with {food}.|Put {vessel} on a low heat and {cook} it gently."
        "|Careful, {vessel} is still hot.|We have run out of {food}, so it is {dish} tonight."
        "|Leave the {food} in {vessel} for {number} {unit}.|{who} makes the best {dish} I know."
    ),
    "news": _list(
        "{office} {act} {subject}.|In {city}, {office} {act} {subject} after {number} {unit} of talks."
        "|{office} said on {day} that {subject} would cost {number} million."
        "|More than {number} people were at {place} when it happened.|Critics of {subject} gathered in {city} on {day}."
        "|Prices rose by {number} per cent in {month}.|A ship with {number} people on board has reached {city}."
        "|Our correspondent reports from {city}.|{office} {act} {subject}, and {office} {act} {subject}."
        "|The inquiry into {subject} is to last {number} {unit}.|Shares in {city} closed higher on {day}."
    ),
    "radio": _list(
        "There will be {weather} in {region}, with {weather} later.|You are listening to {music} from {city}."
        "|{team} won by {number} to {number} in {city}.|Coming up at {time}, {music} and the latest from {city}."
        "|Traffic is heavy around {city} after an accident at {place}.|That was {music}, recorded in {month}."
        "|{team} missed a chance in the final {unit}.|Temperatures in {region} will fall to {number} degrees."
        "|Call us before {time} and tell us about {subject}.|{weather} will move in from {region} by {time}."
    ),
    "phone": _list(
        "Yes, I can hear you, but the line is bad.|No, {who} is not here, {who} went to {place}."
        "|I will call you back at {time}.|Could you spell that for me?|{opinion} we should meet at {place} on {day}."
        "|Sorry, what did you say about {thing}?|Tell {who} that {thing} is still at {place}."
        "|It takes {number} {unit} if you go by way of {city}.|Hello, it's {name}, is {name} there?"
        "|That would be {adjective}, thank you.|All right, see you on {day} then."
    ),
    "turns": _list(
        "Oh really?|I don't know.|Maybe later.|That is {adjective}.|What do you mean?|Of course.|How {adjective}!"
        "|Who told you that?|Not at all.|It's over there.|Come on.|Let me see.|I am {feeling}.|Are you {feeling}?"
        "|In a minute.|Good morning.|Well, perhaps.|You're joking.|Did you?|So do I.|Is that all?|After you."
        "|Just a bit.|With {food}, please.|On {day}?|At {time}?|{name}?|Thanks a lot.|Never mind.|I thought so."
        "|Mind the step.|Over here!|Not again.|Same to you.|That depends.|What a mess."
    ),
    "commandlike": _list(
        "{opinion} {command_talk} was {adjective}.|We could {command_verb} {thing} on {day}.|Is that {command_talk}?"
        "|They had to {command_verb} {subject}.|{who} told me about {command_talk}.|Please {command_verb} {thing}."
        "|{command_talk} is at {place}.|{who} said that we should {command_verb} it.|How long did {who} stay in {city}?"
        "|What's next to {place}?|You can {command_verb} {dish} whenever you like.|It was faster than {command_talk}."
        "|He wants to {command_verb} {thing} and {command_verb} {thing}.|Where am I supposed to put {thing}?"
        "|It was louder in {room}, and slower too.|That hurts {relative} more than you think.|Don't {command_verb} it."
    ),
}

_NEAR_MISSES: Final = _list(
    # next, skip, go back, previous
    "necks|text|nets|nest|vexed|flexed|annexed|mixed|fixed|taxed|text me|next door|next time|next to it|next year"
    "|next please don't|not next|the next one|ship|skit|clip|skin|sketch|strip|skipper|skipping|ship this|keep this"
    "|skip it over|gold back|throwback|go black|come back|look back|go bag|goat cheese|hold back|previously|precious"
    "|devious|provisions|grievous"
    # repeat, say again, explain
    "|retreat|receipt|complete|repair|defeat|three beats|delete|a petition|stay again|say when|same again|see again"
    "|play again|say it|complain|a plane|airplane|explained|champagne|explore|exclaim|a train|how do I look"
    "|how do I get there|how did it go|how do you do|how to do it"
    # pause, wait, hold on
    "|paws|pores|horse|cause|applause|pawn shop|pours|boss|pass|purse|the paws|posture|weight|late|way|eight|great"
    "|waiter|white|wade|awake|wait a second for me|why wait|heavy weight|hold him|whole lot|old one|hold tight|hole"
    "|colder|hold the door|roll on|fold them"
    # resume, continue, carry on
    "|presume|consume|perfume|a zoom|the room|reason|assume|continent|contain you|content|continued|can you|contained"
    "|carrion|carry one|marry on|sherry on|carry the bag|carrying|clarion|very long"
    # ready, start, go
    "|red|steady|freddie|already|reddish|heady|teddy|not ready yet|bready|readily|star|dart|smart|stark|tart|art|stuart"
    "|started|starting|startle|a state|goat|grow|low|ago|cargo|gold|ghost|going|goal|no go area|throw|gopher"
    # switch, other foot
    "|which foot|switched|switch it|switch food|swift foot|witch|stitch|sandwich|switch off the light|twitch|swish|such"
    "|sweet feet|switch seats|switch sites|which side|inside|the other food|other fool|another foot|otter fur|brother's"
    "|other books|mother could|on foot|left foot|the wrong foot|underfoot"
    # cramp, back off, ease off, too much
    "|cramped|clamp|camp|crab|tramp|ramp|cream|grandpa|cramming|crisp|champ|damp|lamp|crap|cramps|scrimp|stamp"
    "|clamp it off|camp site|back up|black cough|bake off|back of|take off|pack up|back door|backache|bank off|lack of"
    "|he's off|is off|ease up|peace of|easy|these are|keys off|two much older|to march|so much|as much"
    "|not much|two months"
    "|too mushy|touch|too many"
    # that hurts, pain
    "|that hurt him|that's hers|that works|that shirt|flat earth|that heard|that first|bath herbs|pane|paint|plane|rain"
    "|pays|pan|pen|painting|champagne please|spain|payment|pained|bane|train|cane"
    # easier, harder, more time, longer
    "|easy here|easel|easter|breezier|is he here|measure|hardy|hearted|garden|charter|farther|hardware"
    "|order|card|harbour"
    "|larder|hard|more dimes|mealtime|more lime|on time|more of them|war time|the more time passes|long|longing|lawyer"
    "|younger|hunger|wrong girl|lager|longest|lounge|belong"
    # how long, what's next, where am I
    "|how wrong|how young|hall on|so long|along|how lovely|how long is it|house|halong|who's next"
    "|what's that|what's left"
    "|watch next|what necks|what's in it|what next week|where are we|where am I going|wear a tie|were you"
    "|where am|whereby"
    "|where is he|where's mine"
    # louder, quieter, slower, faster
    "|powder|chowder|loud|lauder|prouder|ladder|ladle|lotta|quiet here|quite a|choir|quilted|riot|quite right|requiem"
    "|sloth|sewer|lower|slow down|slur|flower|slower than that|blower|foster|fasten|plaster|past her"
    "|master|vast|disaster"
    "|fast car|faster than you|first"
    # stop, finish, end session, help
    "|shop|top|step|stock|stopped|stomp|don't stop|can't stop|stop it now please|stopper|steep|strop|non stop|bus stop"
    "|scop|spot|start up|drop|chop|stuff|fish|finnish line|furnish|finished|vanish|diminish|fins|spinach|famish|session"
    "|and session|in session|obsession|end the session now|the end|lesson|possession|kelp|held|helped|yelp"
    "|whelp|shelf|self"
    "|helpful|help yourself|help him|felt|hell"
    # what can I say, yes, no
    "|what can I do|what can I get you|what did I say|what can they|who can say|yet|guess|less|chess"
    "|yesterday|dress|jess"
    "|yes please do|us|mess|yeast|know|now|nose|note|snow|nor|knows|know how|no idea|no way|no problem|no one|nope"
    "|no tanks|nothing|no thank you very much|not thanks"
    # Everyday sounds of a person
    "|hmm|uh huh|ah|oh dear|ouch|wow|okay|hey|huh|well|so|um|right|mm|sure|oops|phew|aha|shush|hello"
)

ENGLISH: Final = Vocabulary(_WORDS, _TEMPLATES, (4, 3, 4, 3, 2, 3, 3), _NEAR_MISSES)

KOREAN: Final = Vocabulary(
    {
        "who": _list("동생이|엄마가|아버지가|선생님이|친구가|이웃이|할머니가|의사가"),
        "place": _list("시장에서|역에서|도서관에서|병원에서|학교에서|공원에서|부엌에서"),
        "thing": _list("우산을|열쇠를|신문을|사진을|편지를|가방을|책을|자전거를"),
        "did": _list("찾았습니다|잃어버렸어요|샀대요|빌려 갔어요|고쳤습니다|두고 왔어요|닦았어요"),
        "time": _list("어제|오늘 아침에|내일|주말에|저녁에|지난주에|점심때"),
        "food": _list("밥|국|김치|감자|양파|두부|생선|과일"),
        "weather": _list("비가|눈이|바람이|안개가"),
    },
    {
        "home": _list(
            "{who} {place} {thing} {did}.|{time} {who} {thing} {did}.|{time} {weather} 온다고 합니다."
            "|{food}하고 {food} 좀 더 주세요.|{place} 만나기로 했어요.|{who} {time} 왔다 갔어요."
            "|정말요?|그렇군요.|잘 모르겠어요.|{food} 남았어요?"
        )
    },
    (1,),
    _list("자음|이 전|저지|경지|쥐가 있어|다음에 봐요|정지선|시장|계곡|중지|도와|아니요 그게|다른 말|일시|빨래|느린"),
)
