//! The words for a scan that was refused, in every language.

group! {
    /// Why a scanned text gave nothing, and what to do.
    ScanTexts {
        no_barcode, no_barcode_next, unread, unread_next, damaged, damaged_next, check_digit, check_digit_next, date,
        date_next, repeat, repeat_next, link, link_next, ambiguous, ambiguous_next, keyboard, keyboard_next,
    }
}

pub(super) const EN: ScanTexts = ScanTexts {
    no_barcode: "This is not the GS1 barcode of a package.",
    no_barcode_next: "Scan the GS1 barcode with a scanner that sends AIM symbology identifiers, or type the text with its brackets, such as (01)09521234543213.",
    unread: "The scan cannot be read.",
    unread_next: "Scan again; if it happens again, type what is printed beside the barcode, with its brackets.",
    damaged: "Part of the scan is too long, too short or holds a character that does not belong there.",
    damaged_next: "Scan again; if it happens again, check that the scanner sends FNC1 as the group separator (GS), or type what is printed, with its brackets.",
    check_digit: "A check digit is wrong: a digit was misread.",
    check_digit_next: "Scan again, or compare each digit with what is printed beside the barcode.",
    date: "The barcode holds a date or time that does not exist.",
    date_next: "Compare with the date on the package; if the barcode says this, tell the supplier.",
    repeat: "Two packages were read as one.",
    repeat_next: "Scan one package at a time.",
    link: "This web address is no GS1 Digital Link that can be read.",
    link_next: "Scan again; a GS1 Digital Link has a key such as /01/ and its number in the path, uncompressed.",
    ambiguous: "The scan can be read in two ways, because a separator is missing.",
    ambiguous_next: "Scan again with a scanner that sends FNC1 as the group separator (GS), or type what is printed, with its brackets.",
    keyboard: "The scanner types with another keyboard language than this device.",
    keyboard_next: "Set the scanner’s keyboard language to that of this device and scan again.",
};

pub(super) const FR: ScanTexts = ScanTexts {
    no_barcode: "Ce n’est pas le code-barres GS1 d’un emballage.",
    no_barcode_next: "Scannez le code-barres GS1 avec un lecteur qui envoie les identifiants AIM, ou saisissez le texte avec ses parenthèses, comme (01)09521234543213.",
    unread: "La lecture est incompréhensible.",
    unread_next: "Scannez de nouveau ; si cela se répète, saisissez ce qui est imprimé à côté du code-barres, avec ses parenthèses.",
    damaged: "Une partie de la lecture est trop longue, trop courte ou contient un caractère qui n’y a pas sa place.",
    damaged_next: "Scannez de nouveau ; si cela se répète, vérifiez que le lecteur envoie FNC1 comme séparateur (GS), ou saisissez ce qui est imprimé, avec ses parenthèses.",
    check_digit: "Un chiffre de contrôle est faux : un chiffre a été mal lu.",
    check_digit_next: "Scannez de nouveau, ou comparez chaque chiffre avec ce qui est imprimé à côté du code-barres.",
    date: "Le code-barres contient une date ou une heure qui n’existe pas.",
    date_next: "Comparez avec la date sur l’emballage ; si le code-barres dit cela, prévenez le fournisseur.",
    repeat: "Deux emballages ont été lus comme un seul.",
    repeat_next: "Scannez un emballage à la fois.",
    link: "Cette adresse web n’est pas un GS1 Digital Link lisible.",
    link_next: "Scannez de nouveau ; un GS1 Digital Link porte dans son chemin une clé comme /01/ et son numéro, non compressés.",
    ambiguous: "La lecture peut se comprendre de deux façons, car un séparateur manque.",
    ambiguous_next: "Scannez de nouveau avec un lecteur qui envoie FNC1 comme séparateur (GS), ou saisissez ce qui est imprimé, avec ses parenthèses.",
    keyboard: "Le lecteur écrit avec une autre langue de clavier que cet appareil.",
    keyboard_next: "Réglez la langue de clavier du lecteur sur celle de cet appareil et scannez de nouveau.",
};

pub(super) const ES: ScanTexts = ScanTexts {
    no_barcode: "No es el código de barras GS1 de un envase.",
    no_barcode_next: "Escanee el código de barras GS1 con un lector que envíe los identificadores AIM, o escriba el texto con sus paréntesis, como (01)09521234543213.",
    unread: "La lectura no se entiende.",
    unread_next: "Escanee de nuevo; si se repite, escriba lo impreso junto al código de barras, con sus paréntesis.",
    damaged: "Una parte de la lectura es demasiado larga, demasiado corta o tiene un carácter que no le corresponde.",
    damaged_next: "Escanee de nuevo; si se repite, compruebe que el lector envía FNC1 como separador (GS), o escriba lo impreso, con sus paréntesis.",
    check_digit: "Un dígito de control es incorrecto: se leyó mal un dígito.",
    check_digit_next: "Escanee de nuevo o compare cada dígito con lo impreso junto al código de barras.",
    date: "El código de barras tiene una fecha u hora que no existe.",
    date_next: "Compare con la fecha del envase; si el código de barras dice esto, avise al proveedor.",
    repeat: "Se leyeron dos envases como uno.",
    repeat_next: "Escanee los envases de uno en uno.",
    link: "Esta dirección web no es un GS1 Digital Link que se pueda leer.",
    link_next: "Escanee de nuevo; un GS1 Digital Link lleva en su ruta una clave como /01/ y su número, sin comprimir.",
    ambiguous: "La lectura se puede entender de dos maneras, porque falta un separador.",
    ambiguous_next: "Escanee de nuevo con un lector que envíe FNC1 como separador (GS), o escriba lo impreso, con sus paréntesis.",
    keyboard: "El lector escribe con otro idioma de teclado que este dispositivo.",
    keyboard_next: "Ponga en el lector el idioma de teclado de este dispositivo y escanee de nuevo.",
};

pub(super) const PT: ScanTexts = ScanTexts {
    no_barcode: "Não é o código de barras GS1 de uma embalagem.",
    no_barcode_next: "Leia o código de barras GS1 com um leitor que envie os identificadores AIM, ou escreva o texto com os seus parênteses, como (01)09521234543213.",
    unread: "A leitura não se percebe.",
    unread_next: "Leia de novo; se se repetir, escreva o que está impresso junto ao código de barras, com os seus parênteses.",
    damaged: "Uma parte da leitura é demasiado longa, demasiado curta ou tem um carácter que não lhe pertence.",
    damaged_next: "Leia de novo; se se repetir, verifique se o leitor envia FNC1 como separador (GS), ou escreva o que está impresso, com os seus parênteses.",
    check_digit: "Um dígito de controlo está errado: um dígito foi mal lido.",
    check_digit_next: "Leia de novo ou compare cada dígito com o que está impresso junto ao código de barras.",
    date: "O código de barras tem uma data ou hora que não existe.",
    date_next: "Compare com a data da embalagem; se o código de barras diz isto, avise o fornecedor.",
    repeat: "Duas embalagens foram lidas como uma.",
    repeat_next: "Leia uma embalagem de cada vez.",
    link: "Este endereço web não é um GS1 Digital Link que se possa ler.",
    link_next: "Leia de novo; um GS1 Digital Link traz no caminho uma chave como /01/ e o seu número, sem compressão.",
    ambiguous: "A leitura pode perceber-se de duas maneiras, porque falta um separador.",
    ambiguous_next: "Leia de novo com um leitor que envie FNC1 como separador (GS), ou escreva o que está impresso, com os seus parênteses.",
    keyboard: "O leitor escreve com outra língua de teclado do que este dispositivo.",
    keyboard_next: "Ponha no leitor a língua de teclado deste dispositivo e leia de novo.",
};

pub(super) const AR: ScanTexts = ScanTexts {
    no_barcode: "ليس هذا باركود GS1 لعبوة.",
    no_barcode_next: "امسح باركود GS1 بماسح يرسل معرّفات AIM، أو اكتب النص بأقواسه مثل \u{2066}(01)09521234543213\u{2069}.",
    unread: "تعذّر فهم المسح.",
    unread_next: "امسح مرة أخرى، وإن تكرر ذلك فاكتب المطبوع بجانب الباركود بأقواسه.",
    damaged: "جزء من المسح أطول أو أقصر من اللازم، أو فيه رمز ليس في موضعه.",
    damaged_next: "امسح مرة أخرى، وإن تكرر ذلك فتحقّق من أن الماسح يرسل FNC1 فاصلًا (GS)، أو اكتب المطبوع بأقواسه.",
    check_digit: "رقم التحقق خاطئ: قُرئ أحد الأرقام خطأً.",
    check_digit_next: "امسح مرة أخرى، أو قارن كل رقم بالمطبوع بجانب الباركود.",
    date: "في الباركود تاريخ أو وقت لا وجود له.",
    date_next: "قارن بالتاريخ على العبوة، وإن كان الباركود يقول هذا فأبلغ المورّد.",
    repeat: "قُرئت عبوتان كأنهما واحدة.",
    repeat_next: "امسح عبوة واحدة في كل مرة.",
    link: "عنوان الويب هذا ليس GS1 Digital Link يمكن قراءته.",
    link_next: "امسح مرة أخرى، ففي مسار GS1 Digital Link مفتاح مثل \u{2066}/01/\u{2069} ورقمه بلا ضغط.",
    ambiguous: "يُقرأ المسح بطريقتين لأن فاصلًا ينقصه.",
    ambiguous_next: "امسح مرة أخرى بماسح يرسل FNC1 فاصلًا (GS)، أو اكتب المطبوع بأقواسه.",
    keyboard: "يكتب الماسح بلغة لوحة مفاتيح غير لغة هذا الجهاز.",
    keyboard_next: "اضبط لغة لوحة مفاتيح الماسح على لغة هذا الجهاز وامسح مرة أخرى.",
};
