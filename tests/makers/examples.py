"""Examples of each kind of finding, for its tests and for its page in docs/detectors.

    FOUND   text, the value found in it, how sure
    LEFT    text in which nothing of this kind is likely, and why it looks as if it were
    MISSED  text in which there is one that is not found, and why

All numbers are nobody's: commune and bank 999, telephones and addresses that do not exist, the
specimens of standards.
"""

from __future__ import annotations

POSSIBLE, LIKELY, VERY_LIKELY = "possible", "likely", "very_likely"

FOUND: dict[str, tuple[tuple[str, str, str], ...]] = {
    "fr.nir": (
        ("N° de sécurité sociale : 2 85 09 75 999 998 37", "285097599999837", VERY_LIKELY),
        ("Numéro Insee 285097599999837", "285097599999837", VERY_LIKELY),
        ("285 097 5999 998 37 : Mme Test", "285097599999837", LIKELY),
        ("CNI_2850975999998_37.pdf", "285097599999837", LIKELY),
        ("2 53 07 2A 999 004 05", "253072A99900405", LIKELY),
        ("285097599999837" "@patient.mssante.fr", "285097599999837", POSSIBLE),
        ("NIR : 285097599999838", "285097599999838", POSSIBLE),
        ("n° sécu 2 8S O9 75 999 998 37", "285097599999837", VERY_LIKELY),
        ("scan285097599999837.pdf", "285097599999837", LIKELY),
        ("?nir=2%2085%2009%2075%20999%20998%2037", "285097599999837", VERY_LIKELY),
        ('<nir cle="37">2850975999998</nir>', "285097599999837", VERY_LIKELY),
    ),
    "fr.nir13": (
        ("NIR : 2850975999998", "2850975999998", LIKELY),
        ("Mme TEST, 2 85 09 75 999 998", "2850975999998", LIKELY),
        ("Mme TEST, 2850975999998", "2850975999998", POSSIBLE),
        ("NIR des enfants : 1100175999012, 2120375999034", "2120375999034", LIKELY),
        ("S21.G00.30.001,'2850975999998'", "2850975999998", LIKELY),
    ),
    "fr.nia": (
        ("NIA : 385097599999884", "385097599999884", VERY_LIKELY),
        ("numéro provisoire d'assuré 7 85 09 75 999 998 78", "785097599999878", VERY_LIKELY),
        ("migrant de passage, immatriculation 519990000000114", "519990000000114", VERY_LIKELY),
        ("n° SS provisoire : 8199900000001 58", "819990000000158", VERY_LIKELY),
        ("Mme TEST Anne, 385097599999884", "385097599999884", LIKELY),
        ("NIA 3850975999998", "3850975999998", LIKELY),
        ("NNP : 7 1 999 00000001", "7199900000001", LIKELY),
        ("NNP : 7199900000005", "7199900000005", LIKELY),
        ("NIA 385097599999885", "385097599999885", POSSIBLE),
    ),
    "fr.nir.rounded": (
        ("NIR ; 2,79035E+14", "2.79035E+14", LIKELY),
        ("2,79035E+14\n1,85059E+14\n2,53072E+14", "2.79035E+14", LIKELY),
        ("2.79035E+14", "2.79035E+14", POSSIBLE),
    ),
    "fr.ins": (
        ("285097599999837^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS", "285097599999837",
         VERY_LIKELY),
        ("À : 285097599999837" "@patient.mssante.fr", "285097599999837", VERY_LIKELY),
        ("Matricule INS : 2 85 09 75 999 998 37", "285097599999837", LIKELY),
        ("285097599999837^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS", "285097599999837",
         POSSIBLE),
    ),
    "iban": (
        ("IBAN : FR76 9999 9000 0100 0000 0000 115", "FR7699999000010000000000115", VERY_LIKELY),
        ("FR76.9999.9000.0100.0000.0000.115 BIC TESTFRPP", "FR7699999000010000000000115",
         VERY_LIKELY),
        ("de 06 12 34 56 78 à FR7699999000010000000000115", "FR7699999000010000000000115",
         VERY_LIKELY),
        ("FR7699999000010000000000115Titulaire", "FR7699999000010000000000115", LIKELY),
        ("F R 7 6 9 9 9 9 9 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 1 1 5", "FR7699999000010000000000115",
         LIKELY),
        ("FR76 9999 9OOO O1OO OOOO OOOO l15", "FR7699999000010000000000115", VERY_LIKELY),
        ("FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606", POSSIBLE),
    ),
    "fr.rib": (
        ("RIB : 99999 00001 00000000001 15", "99999000010000000000115", VERY_LIKELY),
        ("99999 00001 00000000001 15", "99999000010000000000115", LIKELY),
        ("Banque : 99999 Guichet : 00001 N° de compte : 00000000001 Clé RIB : 15",
         "99999000010000000000115", VERY_LIKELY),
        ("Compte n° 0000 0000 001, clé 15, établissement 99999, guichet 00001",
         "99999000010000000000115", VERY_LIKELY),
        ("RIB : 99999 OOOO1 OOOOOOOOOO1 l5", "99999000010000000000115", LIKELY),
    ),
    "card": (
        ("Carte 4970 9999 9999 9999", "4970999999999999", VERY_LIKELY),
        ("réglé par 4970-9999-9999-9999", "4970999999999999", LIKELY),
        ("CB 4970999999999999 exp 12/27 cvv 123", "4970999999999999", LIKELY),
        ("carte 4 9 7 0 9 9 9 9 9 9 9 9 9 9 9 9", "4970999999999999", LIKELY),
        ("Amex 3799 999999 99994", "379999999999994", VERY_LIKELY),
        ("mastercard 5199999999999991", "5199999999999991", LIKELY),
        ("carte 2221 9999 9999 9990", "2221999999999990", VERY_LIKELY),
    ),
    "bic": (
        ("BIC : TESTFRPPXXX", "TESTFRPPXXX", POSSIBLE),
        ("Code SWIFT TEST FR PP", "TESTFRPP", POSSIBLE),
        ("BIC/SWIFT : TESTFRPP", "TESTFRPP", POSSIBLE),
        ("FR76 9999 9000 0100 0000 0000 115 TESTFRPP", "TESTFRPP", POSSIBLE),
    ),
    "fr.caf": (
        ("N° allocataire : 0123456", "0123456", VERY_LIKELY),
        ("allocataire n° 1234567 A", "1234567", VERY_LIKELY),
        ("numéro d'allocataire 1 234 567", "1234567", VERY_LIKELY),
        ("dossier CAF 1234567", "1234567", LIKELY),
        ("allocataires 1234567, 2345678 et 3456789", "3456789", LIKELY),
    ),
    "fr.spi": (
        ("Numéro fiscal : 30 99 999 999 103", "3099999999103", VERY_LIKELY),
        ("n° fiscal de référence 3099999999103", "3099999999103", VERY_LIKELY),
        ("SPI 3099999999103", "3099999999103", VERY_LIKELY),
        ("Numéro fiscal : 3099999999104", "3099999999104", POSSIBLE),
    ),
    "fr.rpps": (("RPPS : 99912345677", "99912345677", POSSIBLE),),
    "fr.adeli": (("N° Adeli 99 1 12345 6", "991123456", POSSIBLE),),
    "fr.finess": (("FINESS 990000010", "990000010", POSSIBLE),),
    "fr.passport": (
        ("Passeport n° 99ZZ99999", "99ZZ99999", LIKELY),
        ("passeport délivré le 12/03/2020, numéro 99 ZZ 99999", "99ZZ99999", LIKELY),
    ),
    "fr.cni": (
        ("Carte d'identité n° 880699999999", "880699999999", LIKELY),
        ("CNI : X4RTBPFW4", "X4RTBPFW4", LIKELY),
        ("carte nationale d’identité 8806 999 99999", "880699999999", LIKELY),
    ),
    "fr.residence": (
        ("Titre de séjour n° 9999999999", "9999999999", LIKELY),
        ("carte de résident XX9999999", "XX9999999", LIKELY),
        ("numéro étranger : 9999999999", "9999999999", LIKELY),
    ),
    "mrz": (
        ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
         "L898902C3", POSSIBLE),
        ("IDFRATEST<<<<<<<<<<<<<<<<<<<<<999999\n8806999999991ANNE<<<<<<<<<<8509145F0",
         "880699999999", POSSIBLE),
    ),
    "fr.emploi": (
        ("Identifiant France Travail : 99999999901", "99999999901", LIKELY),
        ("N° de demandeur d'emploi : 9999999 A", "9999999A", LIKELY),
        ("Votre identifiant Pôle emploi est le 9999999K.", "9999999K", LIKELY),
        ("demandeuse d'emploi inscrite sous le n° 9999999B", "9999999B", LIKELY),
    ),
    "fr.mdph": (
        ("N° de dossier MDPH : 99-0123456", "990123456", LIKELY),
        ("dossier MDPH n° 999123", "999123", LIKELY),
        ("Usager MDPH 99912345", "99912345", LIKELY),
    ),
    "fr.ine": (
        ("INE : 9999999999Z", "9999999999Z", LIKELY),
        ("INE 999999999ZZ", "999999999ZZ", LIKELY),
        ("n° INE 9999A99999Z", "9999A99999Z", LIKELY),
    ),
    "fr.ipp": (
        ("IPP : 8001234567", "8001234567", LIKELY),
        ("IEP 123456789", "123456789", LIKELY),
        ("M. TEST, NIP 8001234567", "8001234567", LIKELY),
        ("NDA 123456789", "123456789", POSSIBLE),
        ("patient Test, n° de séjour : 990012345", "990012345", LIKELY),
    ),
    "phone": (
        ("Tél. 06 39 98 00 00", "0639980000", POSSIBLE),
        ("+33 (0)6 39 98 00 00", "0639980000", POSSIBLE),
        ("de 06 39 98 00 00", "0639980000", POSSIBLE),
        ("0033639980000", "0639980000", POSSIBLE),
        ("01.99.00.12.34", "0199001234", POSSIBLE),
        ("+262 692 99 99 99", "0692999999", POSSIBLE),
        ("0262 39 98 12", "0262399812", POSSIBLE),
    ),
    "address": (
        ("demeurant 12 bis, rue Fictive, 76999 VILLE-EXEMPLE", "12 bis rue fictive 76999", LIKELY),
        ("Adresse : 3 avenue du Test 33999 Exemple", "3 avenue du test 33999", LIKELY),
        ("Mairie, 1 place du Test, 33999 Exemple", "1 place du test 33999", POSSIBLE),
        ("Domicile : lieu-dit Fictif, 33999 Exemple", "lieu-dit fictif 33999", LIKELY),
    ),
    "birth": (
        ("née le 14/09/1985", "1985-09-14", LIKELY),
        ("né(e) le 14.09.85", "85-09-14", LIKELY),
        ("DDN : 1985-09-14", "1985-09-14", LIKELY),
        ("date de naissance : 14 septembre 1985", "1985-09-14", LIKELY),
        ("née le 1er août 1985", "1985-08-01", LIKELY),
        ("DDN 19850914", "1985-09-14", LIKELY),
        ("naissance : 14091985", "1985-09-14", LIKELY),
    ),
    "health.blood": (
        ("Groupe sanguin : A+", "A+", LIKELY),
        ("groupe sanguin O Rh(D) négatif", "O-", LIKELY),
        ("GS : AB POS", "AB+", LIKELY),
        ("Groupe sanguin de la patiente : B−", "B-", LIKELY),
    ),
    "contact.bulk": (
        (" ".join(f"patient{i}@gmail.example" for i in range(9)) + " autre@orange.example",
         "patient0@gmail.example", LIKELY),
        (", ".join(f"06 39 98 00 {i:02d}" for i in range(10)), "0639980000", LIKELY),
        (" ".join(f"agent{i}@chu.example" for i in range(10)), "agent0@chu.example", POSSIBLE),
    ),
    "person": (
        ("Mme Anne TEST, née le 14/09/1985", "anne test", VERY_LIKELY),
        ("Nom : TEST Prénom : Anne", "anne test", VERY_LIKELY),
    ),
    "health.dicom": (
        ("[dicom: identifié] Nom : TEST Prénom : Anne, né(e) le 14/09/1985",
         "identifie|nom : test prenom : anne, ne(e) le 14/09/1985", VERY_LIKELY),
        ("[dicom: désigné] n° de patient B1042", "designe|n° de patient b1042", LIKELY),
        ("[dicom: anonyme] SUJET01", "anonyme|sujet01", POSSIBLE),
    ),
    "health.cda": (
        ("[cda: identifié] Nom : TEST Prénom : Anne", "identifie|nom : test prenom : anne",
         VERY_LIKELY),
        ("[cda: essai] né(e) le 28/03/1979", "essai|ne(e) le 28/03/1979", POSSIBLE),
    ),
    "health.fhir": (
        ("[fhir: identifié] Nom : TEST Prénom : Anne", "identifie|nom : test prenom : anne",
         VERY_LIKELY),
        ("[fhir: désigné] n° de patient 77", "designe|n° de patient 77", LIKELY),
    ),
    "health.xdm": (
        ("XDM/1.0/DDM+LETTRE DE LIAISON TEST Anne 14/09/1985",
         "identifie|lettre de liaison test anne 14/09/1985", VERY_LIKELY),
        ("[xdm: identifié] Nom : TEST Prénom : Anne", "identifie|nom : test prenom : anne",
         VERY_LIKELY),
    ),
    "health.signal": (
        ("[signal: identifié] Nom : TEST Prénom : Anne", "identifie|nom : test prenom : anne",
         VERY_LIKELY),
        ("Horodatage;Scan Glucose mg/dL;Notes", "designe|", LIKELY),
        ("[signal: anonyme] Garmin FIT", "anonyme|garmin fit", POSSIBLE),
    ),
    "health.terms": (("sérologie VIH positive", "sujet:vih", VERY_LIKELY),),
    "health.person": (
        ("Mme TEST Anne, hémiplégie droite, sous Eliquis", "anne test", VERY_LIKELY),
        ("Bonjour M. TEST, votre rendez-vous de psychiatrie est confirmé", "test", VERY_LIKELY),
        ("asthme sévère de M. TEST Paul, 54 ans", "paul test", VERY_LIKELY),
        ("patiente de 54 ans hospitalisée pour pyélonéphrite", "personne non nommée", POSSIBLE),
    ),
    "health.document": (
        ("Ordonnance médicale : QSP 3 mois, non substituable, à renouveler 2 fois", "ordonnance",
         VERY_LIKELY),
        ("lot de télétransmition : FSE, rejet NOEMIE, tiers payant", "télétransmission",
         LIKELY),
        ("CRP 86 mg/L, TSH 6,81 mUI/L, ferritine 9 ng/mL, créatinine 132 µmol/L", "biologie",
         VERY_LIKELY),
        ("Opérateur, voie d'abord, hémostase soigneuse", "opératoire", LIKELY),
        ("la feuille de soins est jointe", "feuille de soins", POSSIBLE),
    ),
    "health.b2": (
        ("2990000010 285097599999837" + "0001234567891".ljust(102), "285097599999837", VERY_LIKELY),
        ("000PS00000990000010PRGEMIAM01331000000000      IRB2 20240312\n"
         "2990000010 2850975999998370001234567", "285097599999837", VERY_LIKELY),
        ("2990000010 2850975999998370001234567", "285097599999837", LIKELY),
        ("000PS00000990000010PRGEMIAM01331000000000      IRNX 20240312 99999999999999", "lot",
         POSSIBLE),
    ),
    "health.noemie": (
        ("000PS00000990000010PRGEMIAM01331000000000      NO57820240312@\n"
         "060 285097599999837 01331@\n990000001@\n999000004@", "285097599999837", VERY_LIKELY),
        ("020000001 12,50@\n060 285097599999837 01331@\n990000001@", "285097599999837", LIKELY),
    ),
    "health.hl7": (
        ("MSH|^~\\&|GAM|CHU|DPI|CHU|20240306\nPID|1||0003^^^CHU^PI||TEST^ANNE^^^^^L||19850914|F",
         "anne test|1985-09-14", VERY_LIKELY),
        ("PID|1||0003^^^CHU^PI||TEST^ANNE", "anne test|0003", LIKELY),
        ("<PID><PID.5><FN.1>TEST</FN.1><XPN.2>Anne</XPN.2></PID.5><PID.7>19850914",
         "anne test|1985-09-14", VERY_LIKELY),
        ("PID|||9^^^X&1.2.250.1.213.1.4.10&ISO^INS||PAT-UN^ANNE||19850914",
         "anne pat-un|1985-09-14", POSSIBLE),
    ),
    "health.hpk": (
        ("ID|M1|C|HEXAGONE|20240306111154|AGENT|990012|TEST|ANNE|19850914|F|1 RUE FICTIVE",
         "anne test|1985-09-14", VERY_LIKELY),
        ("MV|M2|C|HEXAGONE|20240306111154|AGENT|990012|9900345|20240306111154|URGENCE|CH",
         "ipp|990012", LIKELY),
    ),
    "health.hprim": (
        ("398\nTEST\nAnne\n1 rue Fictive\n\n76999 TESTVILLE\n14/09/1985\n2850975999998 37\nB1\n"
         "12/04/2024\nLABO\n\n****FIN****", "285097599999837", VERY_LIKELY),
        ("398\nTEST\nAnne\n1 rue Fictive\n\n76999 TESTVILLE\n14/09/1985\n2850975999998 37\nB1\n"
         "12/04/2024", "285097599999837", LIKELY),
        ("RES|Glycémie à jeun|GLY|N|0.91|g/l|0.74|1.06|N|F\n****FIN****",
         "résultats sans leur début", LIKELY),
        ("H|~^\\&|TEST.HPR||LABO||ORU\nP|1|398|B1042||TEST~Anne||19850914|F",
         "anne test|1985-09-14", VERY_LIKELY),
        ("<evenementsPatients><patient><nomUsuel>TEST</nomUsuel><prenom>Anne</prenom><dateNaissance>"
         "<date>1985-09-14</date>", "anne test|1985-09-14", VERY_LIKELY),
    ),
    "health.pmsi": (
        ("2850975999998370110140919852240000123           V016990000010", "285097599999837",
         VERY_LIKELY),
        ("99000001001700000000000000000067240000123           00002952631409198526201  12012024",
         "RSS|240000123|1985-09-14", LIKELY),
        ("990000010990000010P10IPP000001           14091985276999", "RPS|IPP000001|1985-09-14",
         LIKELY),
        ("<OSCOUR><PATIENT><NAISSANCE>14/09/1985</NAISSANCE><ENTREE>12/04/2024 10:12</ENTREE>",
         "RPU|1985-09-14|12/04/2024 10:12", VERY_LIKELY),
    ),
    "health.pmsi.pseudonymous": (
        ("99000001022900000000011220011105M0510001105M05100001045   28 012024", "RSA|0000000001|",
         POSSIBLE),
        ("99000001022900000000011220011105M0510001105M05100001045   28 012024\n"
         "99000001022900000000021220011105M0510001105M05100001061   18 012024", "RSA|0000000002|",
         VERY_LIKELY),
    ),
}  # fmt: skip

LEFT: dict[str, tuple[tuple[str, str], ...]] = {
    "fr.nir": (
        ("285097599999838", "the key is wrong"),
        ("2 85 13 75 999 998 32", "there is no month 13"),
        ("Commande n° 185057599999723", "an order number of the same structure"),
    ),
    "fr.nir13": (
        ("1751234567890", "a time in milliseconds"),
        ("NIR : 2 85 09 75 999 998 38", "a number with its key, which is wrong"),
        ("EAN 3010512345678", "a bar code"),
    ),
    "fr.nia": (
        ("IMEI 385097599999815", "nothing announces it"),
        ("matricule 3400930000120", "a drug's code"),
        ("matricule 7199900000005", "a bar code"),
    ),
    "fr.nir.rounded": (
        ("2,79035E+14 1,85999E+14 2,53982E+14", "most have no month in its place"),
        ("masse : 5,97237E+24 kg", "another power of ten"),
    ),
    "fr.ins": (("285097599999837", "a number alone is fr.nir"),),
    "iban": (
        ("FR1420041010050500013M02607", "the check digits are wrong"),
        ("FR11999999998", "a VAT number"),
        ("FR76 **** **** **** **** **** 115", "masked already"),
    ),
    "fr.rib": (
        ("30006 00001 12345678901 88", "the key is wrong"),
        ("30006000011234567890189", "in one piece, and nothing announces it"),
    ),
    "card": (
        ("Carte 4111 1111 1111 1111", "a test number"),
        ("Carte 4970 9999 9999 9990", "Luhn's digit is wrong"),
        ("4970999999999999", "in one piece, and nothing announces it"),
        ("commande 4970 9999 9999 9999", "announced as an order"),
        ("4 9 7 0 9 9 9 9 9 9 9 9 9 9 9 9", "digit by digit, and nothing announces it"),
        ("carte 4 9 7 0 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9", "a row of more boxes"),
        ("Carte 9999 9999 9999 9995", "no issuer begins with 99"),
        ("colis 6999 9999 9999 9991", "parcels have such numbers"),
    ),
    "bic": (
        ("TESTFRPP", "nothing announces it"),
        ("le stylo bic bleu fonce", "small letters"),
        ("BIC : BONJOURS", "UR is no country"),
    ),
    "fr.caf": (
        ("1234567", "nothing announces it"),
        ("La CAF a versé 1 234 567 € en mars", "an amount"),
        ("CAF de la Gironde, 33078 Bordeaux", "a postcode"),
        ("allocataire, commande 1234567", "announced as an order"),
        ("allocataire : 12345678", "eight digits"),
    ),
    "fr.spi": (
        ("3099999999103", "nothing announces it"),
        ("numéro fiscal 99999999800019", "fourteen digits: a SIRET"),
        ("numéro fiscal : 3099999999104", "its key is wrong: possible at most"),
    ),
    "fr.rpps": (("RPPS 99912345678", "Luhn's digit is wrong"), ("10001234567", "no label")),
    "fr.adeli": (("Adeli 991123457", "Luhn's digit is wrong"),),
    "fr.finess": (("FINESS 990000011", "Luhn's digit is wrong"),),
    "fr.passport": (
        ("99ZZ99999", "nothing announces it"),
        ("passeport vaccinal obligatoire", "no number"),
        ("passeport 12AB345678", "too long"),
    ),
    "fr.cni": (
        ("880699999999", "nothing announces it"),
        ("carte d'identité obligatoire", "a word"),
        ("CNI : 881399999999", "there is no month 13"),
        ("carte d'identité : 06 39 98 00 00", "a telephone"),
    ),
    "fr.residence": (
        ("titre de séjour : préfecture, tél. 0199001234", "a telephone"),
        ("9999999999", "nothing announces it"),
    ),
    "mrz": (
        ("<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "no paper begins so"),
        ("if (a << 2) { b << 3 }", "code"),
    ),
    "fr.emploi": (
        ("99999999901", "nothing announces it"),
        ("France Travail 99999999901", "nothing calls it a number: a telephone, maybe"),
        ("France Travail, SIRET 13000548199999", "fourteen digits: a SIRET"),
        ("offre France Travail n° 999XQLK", "an offer"),
    ),
    "fr.mdph": (
        ("dossier MDPH, cerfa 15692*01", "a form"),
        ("Numéro de la MDPH : 05 56 99 00 11", "a telephone"),
        ("le dossier MDPH du 12/03/2024", "a date"),
        ("MDPH, 33000 Exemple", "a postcode"),
        ("999123456", "nothing announces it"),
    ),
    "fr.ine": (
        ("9999999999Z", "nothing announces it"),
        ("Marine 9999999999Z", "within a word"),
    ),
    "fr.ipp": (
        ("8001234567", "nothing announces it"),
        ("Signer le NDA avant le 12/03/2024", "an agreement, and a date"),
        ("séjour à l'hôtel 123456", "no label of a number"),
    ),
    "phone": (
        ("0 825 999 999", "a service"),
        ("12345678901234", "part of a longer number"),
        ("SIRET 99999999800019", "part of a longer number"),
    ),
    "address": (
        ("20 cours de français par semaine", "no postcode"),
        ("3 place de parking", "no postcode"),
        ("Siège : adresse 3 rue du Test, CS 12345, 33999 Exemple Cedex", "a business"),
    ),
    "birth": (
        ("le 14/09/1985", "a bare date"),
        ("née le 14/13/1985", "there is no month 13"),
        ("société née le 14/09/1785", "before 1900"),
    ),
    "health.blood": (
        ("Classe énergétique A+", "energy"),
        ("donneurs O- recherchés", "an appeal to donors"),
        ("groupe A - réunion de lundi", "a group of people"),
        ("Collecte : tous les groupes sanguins sont utiles", "no group"),
    ),
    "contact.bulk": (
        (" ".join(f"patient{i}@gmail.example" for i in range(9)), "fewer than ten"),
        (" ".join(["a@gmail.example"] * 30), "one address, repeated"),
        (" ".join(f"agent{i}@chu.example" for i in range(30)), "the directory of one house"),
        (" ".join(f"contact@service{i}.example" for i in range(30)), "nobody's own"),
    ),
    "person": (("rue Anne Test", "a street"),),
    "health.dicom": (
        ("le visualiseur DICOM du CHU", "a word about the format"),
        ("[dicom: anonyme] SUJET01", "anonymous, by what the file says"),
    ),
    "health.cda": (("un modèle CDA R2 niveau 1", "a word about the format"),),
    "health.fhir": (("GET /fhir/Patient?name=", "an interface"),),
    "health.xdm": (("l'objet commence par XDM/1.0/DDM+ puis le libellé", "an explanation"),),
    "health.signal": (
        ("Date;Température (C)", "a table of a refrigerator"),
        ("The fat mass (kg) and the glucose value (mg/dL) of both arms", "a study's abstract"),
    ),
    "health.terms": (("virus en quarantaine, injection SQL", "computing"),),
    "health.person": (
        ("M. TEST, infirmier, animera l'atelier sur le diabète", "who speaks of it"),
        ("Dr TEST Anne, chirurgie de la cataracte", "a doctor"),
        ("Bonjour Mme TEST, merci de livrer 200 sondes urinaires", "who is written to"),
        ("ce patient de 54 ans sous chimiothérapie", "nobody is named"),
        ("Mars bleu : VIH, IVG, addictions, où consulter ? Contact : Mme TEST", "a campaign"),
    ),
    "health.document": (
        ("ordonnance du juge, prescription quinquennale", "law"),
        ("formation : l'avis d'arrêt de travail, sorties autorisées", "a course"),
    ),
    "health.b2": (
        ("2990000010 285097599999838".ljust(128), "the key is wrong"),
        ("0412345    00001EUR2 12345678901  010124 VIREMENT 285097599999837", "a bank statement"),
        ("2024-01-15;285097599999837", "a list"),
    ),
    "health.noemie": (
        ("000PS00000990000010PRGEMIAM01331000000000      NXCAM20240312\n101HHFA001 Ablation\n199",
         "a public nomenclature under the same head"),
        ("020000001 12,50@\n060000002 13,50@\n990000001@", "nobody in it"),
    ),
    "health.hl7": (
        ("MSH|^~\\&|APPLI|SITE|DPI|SITE|AAAAMMJJ||ADT^A01|ID|P|2.5", "a manual quoting a segment"),
        ("MSH|^~\\&|A\nPID|1||IPP||NOM^PRENOM||AAAAMMJJ", "a template"),
        ("PID|PPID|CMD\n1|0|init", "a list of processes"),
    ),
    "health.hpk": (
        ("Type|Message|Mode|Emetteur|Date|User\nID|M1|C|EMETTEUR|AAAAMMJJ|USER|IPP|NOM|PRENOM",
         "the description of a message"),
        ("PR|M1|C|HEXAGONE|20240306111154|AGENT|990012|GANTS T7|BOITE", "a product"),
    ),
    "health.hprim": (
        ("Le fichier se termine par ****FIN**** puis ****FINFICHIER****.", "a manual"),
        ("14/09/2024\nréunion\nsalle B\n15/09/2024", "a planning"),
        ("H|~^\\&|TEST.HPR\nP|1|||||||", "an empty message"),
    ),
    "health.pmsi": (
        ("Date de naissance;8;63;70;JJMMAAAA", "the description of a format"),
        ("01C031 Craniotomies pour traumatisme, niveau 1     0012345,00", "a group and its price"),
        ("99000001101700000000000000000067240000123           00002952631409198526201  12012024",
         "the digit of the establishment is wrong"),
    ),
    "health.pmsi.pseudonymous": (
        ("d41d8cd98f00b204e9800998ecf8427e  12345678901234.bin", "a digest of a file"),
        ("0" * 140, "zeros"),
    ),
}  # fmt: skip

MISSED: dict[str, tuple[tuple[str, str], ...]] = {
    "fr.nir": (("A285097599999837B", "letters on both sides: part of a reference"),),
    "fr.nia": (("385097599999884", "without a label or a person it may be a bar code"),),
    "iban": (("XFR7699999000010000000000115", "glued to a letter in front"),),
    "fr.rib": (("99999000010000000000115", "in one piece without a label"),),
    "card": (("4970999999999999", "in one piece without a word of payment"),),
    "fr.caf": (("1234567 (allocataire)", "the label behind the number"),),
    "fr.spi": (("3099999999103 (n° fiscal)", "the label behind the number"),),
    "fr.emploi": (("9999999A (demandeur d'emploi)", "the label behind the number"),),
    "fr.mdph": (("dossier MDPH n° A99B12", "letters in it, as some houses have"),),
    "fr.passport": (("passeport belge EZ999999", "another country's"),),
    "fr.ine": (("INE : 9999999999 et clé Z", "the letter apart"),),
    "fr.ipp": (("n° de dossier 123456", "files of every kind have numbers"),),
    "mrz": (
        ("P < UTOERIKSSON << ANNA < MARIA", "blanks that a scanner put in, and half of a zone"),
    ),
    "phone": (("six trente-neuf, quatre-vingt-dix-huit", "in words"),),
    "address": (("Le Bourg, 33999 Exemple", "neither number nor way"),),
    "health.blood": (("A+ : son groupe sanguin", "the label behind the group"),),
    "bic": (("TESTFRPP, FR76 9999 9000 0100 0000 0000 115", "before an IBAN, without its label"),),
    "health.noemie": (
        ("060000001285097599999837\n060000002190059719999997\n", "no head and no marks: any list"),
        ("020000001@\n060000001285097599999837@\n990000001@", "one number, glued: perhaps chance"),
    ),
    "health.pmsi": (
        (
            "99000001001700000000000000000067240000123\n00002952631409198526201",
            "wrapped on the way",
        ),
    ),
}
