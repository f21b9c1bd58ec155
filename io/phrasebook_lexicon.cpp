#include "io/phrasebook_lexicon.h"

#include <array>

namespace dragoman::phrasebook {
namespace {

constexpr Gender M = Gender::masculine;
constexpr Gender F = Gender::feminine;
constexpr Gender N = Gender::neuter;

constexpr auto kAdjectives = std::to_array<WordPair>({
    {"red", "rot"},
    {"old", "alt"},
    {"new", "neu"},
    {"small", "klein"},
    {"big", "groß"},
    {"green", "grün"},
    {"blue", "blau"},
    {"white", "weiß"},
    {"black", "schwarz"},
    {"yellow", "gelb"},
    {"heavy", "schwer"},
    {"cheap", "billig"},
    {"beautiful", "schön"},
    {"brown", "braun"},
    {"strange", "seltsam"},
    {"ugly", "hässlich"},
    {"broken", "kaputt"},
});

constexpr auto kThings = std::to_array<Noun>({
    {"table", "tables", M, "Tisch", "Tische", "Tisches", ""},
    {"book", "books", N, "Buch", "Bücher", "Buches", ""},
    {"lamp", "lamps", F, "Lampe", "Lampen", "Lampe", ""},
    {"chair", "chairs", M, "Stuhl", "Stühle", "Stuhles", ""},
    {"picture", "pictures", N, "Bild", "Bilder", "Bildes", ""},
    {"bottle", "bottles", F, "Flasche", "Flaschen", "Flasche", ""},
    {"coat", "coats", M, "Mantel", "Mäntel", "Mantels", ""},
    {"shirt", "shirts", N, "Hemd", "Hemden", "Hemdes", ""},
    {"flower", "flowers", F, "Blume", "Blumen", "Blume", ""},
    {"key", "keys", M, "Schlüssel", "Schlüssel", "Schlüssels", ""},
    {"bicycle", "bicycles", N, "Fahrrad", "Fahrräder", "Fahrrades", ""},
    {"bag", "bags", F, "Tasche", "Taschen", "Tasche", ""},
    {"umbrella", "umbrellas", M, "Regenschirm", "Regenschirme", "Regenschirmes", ""},
    {"knife", "knives", N, "Messer", "Messer", "Messers", ""},
    {"newspaper", "newspapers", F, "Zeitung", "Zeitungen", "Zeitung", ""},
    {"hat", "hats", M, "Hut", "Hüte", "Hutes", ""},
    {"glass", "glasses", N, "Glas", "Gläser", "Glases", ""},
    {"candle", "candles", F, "Kerze", "Kerzen", "Kerze", ""},
    {"plate", "plates", M, "Teller", "Teller", "Tellers", ""},
    {"boat", "boats", N, "Boot", "Boote", "Bootes", ""},
    {"violin", "violins", F, "Geige", "Geigen", "Geige", ""},
    {"suitcase", "suitcases", M, "Koffer", "Koffer", "Koffers", ""},
    {"radio", "radios", N, "Radio", "Radios", "Radios", ""},
    {"camera", "cameras", F, "Kamera", "Kameras", "Kamera", ""},
    {"pencil", "pencils", M, "Bleistift", "Bleistifte", "Bleistiftes", ""},
    {"mirror", "mirrors", M, "Spiegel", "Spiegel", "Spiegels", ""},
    {"cup", "cups", F, "Tasse", "Tassen", "Tasse", ""},
    {"carpet", "carpets", M, "Teppich", "Teppiche", "Teppichs", ""},
});

constexpr auto kPeople = std::to_array<Noun>({
    {"mother", "mothers", F, "Mutter", "Mütter", "Mutter", ""},
    {"baker", "bakers", M, "Bäcker", "Bäcker", "Bäckers", ""},
    {"child", "children", N, "Kind", "Kinder", "Kindes", ""},
    {"aunt", "aunts", F, "Tante", "Tanten", "Tante", ""},
    {"boy", "boys", M, "Junge", "Jungen", "Jungen", "Jungen"},
    {"girl", "girls", N, "Mädchen", "Mädchen", "Mädchens", ""},
    {"nurse", "nurses", F, "Krankenschwester", "Krankenschwestern", "Krankenschwester", ""},
    {"doctor", "doctors", M, "Arzt", "Ärzte", "Arztes", ""},
    {"student", "students", M, "Student", "Studenten", "Studenten", "Studenten"},
    {"woman", "women", F, "Frau", "Frauen", "Frau", ""},
    {"neighbour", "neighbours", M, "Nachbar", "Nachbarn", "Nachbarn", "Nachbarn"},
    {"grandmother", "grandmothers", F, "Großmutter", "Großmütter", "Großmutter", ""},
    {"teacher", "teachers", M, "Lehrer", "Lehrer", "Lehrers", ""},
    {"waitress", "waitresses", F, "Kellnerin", "Kellnerinnen", "Kellnerin", ""},
    {"farmer", "farmers", M, "Bauer", "Bauern", "Bauern", "Bauern"},
    {"uncle", "uncles", M, "Onkel", "Onkel", "Onkels", ""},
    {"man", "men", M, "Mann", "Männer", "Mannes", ""},
    {"gardener", "gardeners", M, "Gärtner", "Gärtner", "Gärtners", ""},
    {"actress", "actresses", F, "Schauspielerin", "Schauspielerinnen", "Schauspielerin", ""},
    {"witness", "witnesses", M, "Zeuge", "Zeugen", "Zeugen", "Zeugen"},
});

constexpr auto kRelatives = std::to_array<Noun>({
    {"brother", "brothers", M, "Bruder", "Brüder", "Bruders", ""},
    {"sister", "sisters", F, "Schwester", "Schwestern", "Schwester", ""},
    {"son", "sons", M, "Sohn", "Söhne", "Sohnes", ""},
    {"daughter", "daughters", F, "Tochter", "Töchter", "Tochter", ""},
    {"child", "children", N, "Kind", "Kinder", "Kindes", ""},
    {"nephew", "nephews", M, "Neffe", "Neffen", "Neffen", "Neffen"},
    {"niece", "nieces", F, "Nichte", "Nichten", "Nichte", ""},
    {"father", "fathers", M, "Vater", "Väter", "Vaters", ""},
    {"mother", "mothers", F, "Mutter", "Mütter", "Mutter", ""},
    {"grandfather", "grandfathers", M, "Großvater", "Großväter", "Großvaters", ""},
    {"grandmother", "grandmothers", F, "Großmutter", "Großmütter", "Großmutter", ""},
    {"grandchild", "grandchildren", N, "Enkelkind", "Enkelkinder", "Enkelkindes", ""},
});

constexpr auto kPlaces = std::to_array<Noun>({
    {"station", "stations", M, "Bahnhof", "Bahnhöfe", "Bahnhofs", ""},
    {"school", "schools", F, "Schule", "Schulen", "Schule", ""},
    {"museum", "museums", N, "Museum", "Museen", "Museums", ""},
    {"garden", "gardens", M, "Garten", "Gärten", "Gartens", ""},
    {"library", "libraries", F, "Bibliothek", "Bibliotheken", "Bibliothek", ""},
    {"theatre", "theatres", N, "Theater", "Theater", "Theaters", ""},
    {"park", "parks", M, "Park", "Parks", "Parks", ""},
    {"church", "churches", F, "Kirche", "Kirchen", "Kirche", ""},
    {"hotel", "hotels", N, "Hotel", "Hotels", "Hotels", ""},
    {"bakery", "bakeries", F, "Bäckerei", "Bäckereien", "Bäckerei", ""},
    {"castle", "castles", N, "Schloss", "Schlösser", "Schlosses", ""},
    {"factory", "factories", F, "Fabrik", "Fabriken", "Fabrik", ""},
    {"hospital", "hospitals", N, "Krankenhaus", "Krankenhäuser", "Krankenhauses", ""},
    {"zoo", "zoos", M, "Zoo", "Zoos", "Zoos", ""},
    {"restaurant", "restaurants", N, "Restaurant", "Restaurants", "Restaurants", ""},
});

constexpr auto kTimeUnits = std::to_array<Noun>({
    {"minute", "minutes", F, "Minute", "Minuten", "Minute", ""},
    {"hour", "hours", F, "Stunde", "Stunden", "Stunde", ""},
    {"day", "days", M, "Tag", "Tage", "Tages", ""},
    {"week", "weeks", F, "Woche", "Wochen", "Woche", ""},
    {"month", "months", M, "Monat", "Monate", "Monats", ""},
    {"year", "years", N, "Jahr", "Jahre", "Jahres", ""},
});

constexpr auto kAmounts = std::to_array<Amount>({
    {{"kilo", "kilos", N, "Kilo", "Kilo", "Kilos", ""}, "potatoes", "Kartoffeln"},
    {{"litre", "litres", M, "Liter", "Liter", "Liters", ""}, "milk", "Milch"},
    {{"bottle", "bottles", F, "Flasche", "Flaschen", "Flasche", ""}, "water", "Wasser"},
    {{"cup", "cups", F, "Tasse", "Tassen", "Tasse", ""}, "tea", "Tee"},
    {{"glass", "glasses", N, "Glas", "Gläser", "Glases", ""}, "honey", "Honig"},
    {{"sack", "sacks", M, "Sack", "Säcke", "Sackes", ""}, "rice", "Reis"},
    {{"box", "boxes", F, "Schachtel", "Schachteln", "Schachtel", ""}, "chocolates", "Pralinen"},
    {{"slice", "slices", F, "Scheibe", "Scheiben", "Scheibe", ""}, "bread", "Brot"},
    {{"piece", "pieces", N, "Stück", "Stücke", "Stückes", ""}, "cheese", "Käse"},
    {{"can", "cans", F, "Dose", "Dosen", "Dose", ""}, "soup", "Suppe"},
    {{"pound", "pounds", N, "Pfund", "Pfund", "Pfundes", ""}, "butter", "Butter"},
    {{"basket", "baskets", M, "Korb", "Körbe", "Korbes", ""}, "cherries", "Kirschen"},
    {{"barrel", "barrels", N, "Fass", "Fässer", "Fasses", ""}, "beer", "Bier"},
    {{"bucket", "buckets", M, "Eimer", "Eimer", "Eimers", ""}, "sand", "Sand"},
    {{"kilo", "kilos", N, "Kilo", "Kilo", "Kilos", ""}, "flour", "Mehl"},
    {{"bottle", "bottles", F, "Flasche", "Flaschen", "Flasche", ""}, "wine", "Wein"},
    {{"litre", "litres", M, "Liter", "Liter", "Liters", ""}, "oil", "Öl"},
    {{"cup", "cups", F, "Tasse", "Tassen", "Tasse", ""}, "coffee", "Kaffee"},
});

constexpr auto kVerbs = std::to_array<Verb>({
    {"buys", "bought", "buy", "", "kauft", "kaufen", "gekauft"},
    {"picks up", "picked up", "pick up", "ab", "holt", "holen", "abgeholt"},
    {"sells", "sold", "sell", "", "verkauft", "verkaufen", "verkauft"},
    {"brings along", "brought along", "bring along", "mit", "bringt", "bringen", "mitgebracht"},
    {"finds", "found", "find", "", "findet", "finden", "gefunden"},
    {"packs up", "packed up", "pack up", "ein", "packt", "packen", "eingepackt"},
    {"describes", "described", "describe", "", "beschreibt", "beschreiben", "beschrieben"},
    {"looks at", "looked at", "look at", "an", "sieht", "sehen", "angesehen"},
    {"hides", "hid", "hide", "", "versteckt", "verstecken", "versteckt"},
    {"gives back", "gave back", "give back", "zurück", "gibt", "geben", "zurückgegeben"},
    {"orders", "ordered", "order", "", "bestellt", "bestellen", "bestellt"},
    {"throws away", "threw away", "throw away", "weg", "wirft", "werfen", "weggeworfen"},
    {"examines", "examined", "examine", "", "untersucht", "untersuchen", "untersucht"},
    {"unpacks", "unpacked", "unpack", "aus", "packt", "packen", "ausgepackt"},
    {"photographs", "photographed", "photograph", "", "fotografiert", "fotografieren", "fotografiert"},
    {"takes along", "took along", "take along", "mit", "nimmt", "nehmen", "mitgenommen"},
    {"paints", "painted", "paint", "", "malt", "malen", "gemalt"},
    {"chooses", "chose", "choose", "aus", "sucht", "suchen", "ausgesucht"},
});

constexpr auto kGivenNames = std::to_array<GivenName>({
    {"Anna", F},   {"Paul", M},  {"Maria", F}, {"Peter", M},  {"Julia", F}, {"Martin", M}, {"Laura", F}, {"Daniel", M},
    {"Emma", F},   {"Simon", M}, {"Clara", F}, {"Oskar", M},  {"Lena", F},  {"Anton", M},  {"Eva", F},   {"Robert", M},
    {"Sophie", F}, {"David", M}, {"Nina", F},  {"Stefan", M}, {"Paula", F}, {"Leon", M},   {"Sarah", F}, {"Georg", M},
});

constexpr auto kCities = std::to_array<WordPair>({
    {"Berlin", "Berlin"},   {"Vienna", "Wien"},         {"Hamburg", "Hamburg"},
    {"Munich", "München"},  {"Bremen", "Bremen"},       {"Cologne", "Köln"},
    {"Leipzig", "Leipzig"}, {"Zurich", "Zürich"},       {"Dresden", "Dresden"},
    {"Geneva", "Genf"},     {"Frankfurt", "Frankfurt"}, {"Prague", "Prag"},
    {"London", "London"},   {"Nuremberg", "Nürnberg"},  {"Rome", "Rom"},
    {"Basel", "Basel"},     {"Warsaw", "Warschau"},     {"Brussels", "Brüssel"},
    {"Milan", "Mailand"},   {"Stuttgart", "Stuttgart"},
});

constexpr auto kEvents = std::to_array<Event>({
    {"it is raining", "es regnet", "es regnet"},
    {"the door is open", "die Tür ist offen", "die Tür offen ist"},
    {"the bus is coming late", "der Bus kommt spät", "der Bus spät kommt"},
    {"the children are sleeping", "die Kinder schlafen", "die Kinder schlafen"},
    {"the sun is going down", "die Sonne geht unter", "die Sonne untergeht"},
    {"the bread is still warm", "das Brot ist noch warm", "das Brot noch warm ist"},
    {"nobody answers the phone", "niemand geht ans Telefon", "niemand ans Telefon geht"},
    {"the guests have already arrived", "die Gäste sind schon angekommen", "die Gäste schon angekommen sind"},
    {"the kitchen has to be tidied up", "die Küche muss aufgeräumt werden", "die Küche aufgeräumt werden muss"},
    {"the shops are closing soon", "die Geschäfte schließen bald", "die Geschäfte bald schließen"},
    {"the film is beginning now", "der Film fängt jetzt an", "der Film jetzt anfängt"},
    {"the battery is empty", "die Batterie ist leer", "die Batterie leer ist"},
    {"everyone wants to help", "alle wollen helfen", "alle helfen wollen"},
    {"the light is still on", "das Licht brennt noch", "das Licht noch brennt"},
    {"the water is too cold", "das Wasser ist zu kalt", "das Wasser zu kalt ist"},
    {"the rain has stopped", "der Regen hat aufgehört", "der Regen aufgehört hat"},
});

constexpr auto kWeekdays = std::to_array<WordPair>({
    {"Monday", "Montag"},
    {"Tuesday", "Dienstag"},
    {"Wednesday", "Mittwoch"},
    {"Thursday", "Donnerstag"},
    {"Friday", "Freitag"},
    {"Saturday", "Samstag"},
    {"Sunday", "Sonntag"},
});

constexpr auto kMonths = std::to_array<WordPair>({
    {"January", "Januar"},
    {"February", "Februar"},
    {"March", "März"},
    {"April", "April"},
    {"May", "Mai"},
    {"June", "Juni"},
    {"July", "Juli"},
    {"August", "August"},
    {"September", "September"},
    {"October", "Oktober"},
    {"November", "November"},
    {"December", "Dezember"},
});

}  // namespace

std::span<const WordPair> adjectives() { return kAdjectives; }
std::span<const Noun> things() { return kThings; }
std::span<const Noun> people() { return kPeople; }
std::span<const Noun> relatives() { return kRelatives; }
std::span<const Noun> places() { return kPlaces; }
std::span<const Noun> time_units() { return kTimeUnits; }
std::span<const Amount> amounts() { return kAmounts; }
std::span<const Verb> verbs() { return kVerbs; }
std::span<const GivenName> given_names() { return kGivenNames; }
std::span<const WordPair> cities() { return kCities; }
std::span<const Event> events() { return kEvents; }
std::span<const WordPair> weekdays() { return kWeekdays; }
std::span<const WordPair> months() { return kMonths; }

}  // namespace dragoman::phrasebook
