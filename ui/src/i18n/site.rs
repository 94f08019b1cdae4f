//! The words for what a device and an organisation set and read in: positions, certificates, files, in every
//! language.

group! {
    /// The recording of positions.
    PositionTexts { title, record, hint, without, not_found }
}

group! {
    /// The form for a logger's certificate.
    CertificateTexts {
        title, hint, number, laboratory, calibrated, due, due_hint, due_early, as_found, within, out_of, uncertainty,
        offset, offset_hint, accuracy, reason_hint, record, degrees_bad,
    }
}

group! {
    /// The organisation that a first step founds.
    FoundingTexts { name, hint }
}

group! {
    /// Reading a logger's own file.
    FileTexts {
        family, read, choose, zone, zone_hint, submit, none, unread, taken, skipped, bad, bad_next, time, time_next,
    }
}

pub(super) mod position {
    use super::PositionTexts;

    pub(in crate::i18n) const EN: PositionTexts = PositionTexts {
        title: "Positions",
        record: "Record where this device is, with each step that is signed on it",
        hint: "Off unless somebody turns it on. Positions are kept apart, sealed on this device, go to no other device, and can be erased without breaking the record. Turn it on only if whoever carries this device agrees.",
        without: "Where no position can be had within ten seconds, the step is signed without one.",
        not_found: "Signed without a position: this device did not tell where it is.",
    };
    pub(in crate::i18n) const FR: PositionTexts = PositionTexts {
        title: "Positions",
        record: "Enregistrer où se trouve cet appareil à chaque étape signée sur lui",
        hint: "Désactivé tant que personne ne l’active. Les positions sont gardées à part, scellées sur cet appareil, ne vont sur aucun autre, et peuvent être effacées sans rompre le dossier. Activez-le seulement si la personne qui porte cet appareil est d’accord.",
        without: "Si aucune position n’est obtenue en dix secondes, l’étape est signée sans elle.",
        not_found: "Signé sans position : cet appareil n’a pas dit où il est.",
    };
    pub(in crate::i18n) const ES: PositionTexts = PositionTexts {
        title: "Posiciones",
        record: "Registrar dónde está este dispositivo en cada paso que se firma en él",
        hint: "Desactivado mientras nadie lo active. Las posiciones se guardan aparte, selladas en este dispositivo, no van a ningún otro y pueden borrarse sin romper el registro. Actívelo solo si quien lleva este dispositivo está de acuerdo.",
        without: "Si en diez segundos no se obtiene ninguna posición, el paso se firma sin ella.",
        not_found: "Firmado sin posición: este dispositivo no dijo dónde está.",
    };
    pub(in crate::i18n) const PT: PositionTexts = PositionTexts {
        title: "Posições",
        record: "Registar onde está este dispositivo em cada passo que se assina nele",
        hint: "Desligado enquanto ninguém o ligar. As posições guardam-se à parte, seladas neste dispositivo, não vão para nenhum outro e podem ser apagadas sem quebrar o registo. Ligue-o só se quem leva este dispositivo concordar.",
        without: "Se em dez segundos não se obtiver posição, o passo é assinado sem ela.",
        not_found: "Assinado sem posição: este dispositivo não disse onde está.",
    };
    pub(in crate::i18n) const AR: PositionTexts = PositionTexts {
        title: "المواقع",
        record: "تسجيل مكان هذا الجهاز مع كل خطوة تُوقَّع عليه",
        hint: "متوقف ما لم يشغّله أحد. تُحفظ المواقع على حدة مختومة في هذا الجهاز، ولا تنتقل إلى جهاز آخر، ويمكن محوها دون كسر السجل. لا تشغّله إلا إذا وافق حامل هذا الجهاز.",
        without: "إن لم يُعرف الموقع خلال عشر ثوانٍ تُوقَّع الخطوة بدونه.",
        not_found: "وُقّعت الخطوة بلا موقع: لم يذكر هذا الجهاز مكانه.",
    };
}

pub(super) mod certificate {
    use super::CertificateTexts;

    pub(in crate::i18n) const EN: CertificateTexts = CertificateTexts {
        title: "Record a certificate",
        hint: "As it is printed on the certificate of calibration. It holds for pick-ups from now on.",
        number: "Number of the certificate",
        laboratory: "Laboratory",
        calibrated: "Calibrated on",
        due: "Due on",
        due_hint: "From this day on it no longer holds.",
        due_early: "It must be due after the calibration.",
        as_found: "How was the logger found, before any adjustment?",
        within: "Within its tolerance",
        out_of: "Out of tolerance: what it measured since the calibration before is in question",
        uncertainty: "Expanded uncertainty (k = 2)",
        offset: "Correction",
        offset_hint: "Added to each of its temperatures from now on. Empty: as before.",
        accuracy: "Largest permissible error",
        reason_hint: "Asked for where the correction changes.",
        record: "Sign the certificate",
        degrees_bad: "Write degrees Celsius, such as 0.2 or -0.1.",
    };
    pub(in crate::i18n) const FR: CertificateTexts = CertificateTexts {
        title: "Enregistrer un certificat",
        hint: "Comme imprimé sur le certificat d’étalonnage. Il vaut pour les enlèvements à partir de maintenant.",
        number: "Numéro du certificat",
        laboratory: "Laboratoire",
        calibrated: "Étalonné le",
        due: "Échéance le",
        due_hint: "À partir de ce jour, il ne vaut plus.",
        due_early: "L’échéance doit suivre l’étalonnage.",
        as_found: "Comment l’enregistreur a-t-il été trouvé, avant tout réglage ?",
        within: "Dans sa tolérance",
        out_of: "Hors tolérance : ce qu’il a mesuré depuis l’étalonnage précédent est mis en question",
        uncertainty: "Incertitude élargie (k = 2)",
        offset: "Correction",
        offset_hint: "Ajoutée à chacune de ses températures à partir de maintenant. Vide : comme avant.",
        accuracy: "Erreur maximale tolérée",
        reason_hint: "Demandé si le décalage change.",
        record: "Signer le certificat",
        degrees_bad: "Écrivez des degrés Celsius, par exemple 0,2 ou -0,1.",
    };
    pub(in crate::i18n) const ES: CertificateTexts = CertificateTexts {
        title: "Registrar un certificado",
        hint: "Como está impreso en el certificado de calibración. Vale para las recogidas desde ahora.",
        number: "Número del certificado",
        laboratory: "Laboratorio",
        calibrated: "Calibrado el",
        due: "Vence el",
        due_hint: "Desde ese día ya no vale.",
        due_early: "Debe vencer después de la calibración.",
        as_found: "¿Cómo se encontró el registrador, antes de cualquier ajuste?",
        within: "Dentro de su tolerancia",
        out_of: "Fuera de tolerancia: lo que midió desde la calibración anterior queda en duda",
        uncertainty: "Incertidumbre expandida (k = 2)",
        offset: "Corrección",
        offset_hint: "Se suma a cada una de sus temperaturas desde ahora. Vacío: como antes.",
        accuracy: "Error máximo permitido",
        reason_hint: "Se pide si la corrección cambia.",
        record: "Firmar el certificado",
        degrees_bad: "Escriba grados Celsius, como 0,2 o -0,1.",
    };
    pub(in crate::i18n) const PT: CertificateTexts = CertificateTexts {
        title: "Registar um certificado",
        hint: "Como está impresso no certificado de calibração. Vale para as recolhas a partir de agora.",
        number: "Número do certificado",
        laboratory: "Laboratório",
        calibrated: "Calibrado em",
        due: "Vence em",
        due_hint: "A partir desse dia já não vale.",
        due_early: "Tem de vencer depois da calibração.",
        as_found: "Como foi encontrado o registador, antes de qualquer ajuste?",
        within: "Dentro da sua tolerância",
        out_of: "Fora de tolerância: o que mediu desde a calibração anterior fica em dúvida",
        uncertainty: "Incerteza expandida (k = 2)",
        offset: "Correção",
        offset_hint: "Soma-se a cada uma das suas temperaturas a partir de agora. Vazio: como antes.",
        accuracy: "Erro máximo admissível",
        reason_hint: "Pede-se quando a correção muda.",
        record: "Assinar o certificado",
        degrees_bad: "Escreva graus Celsius, como 0,2 ou -0,1.",
    };
    pub(in crate::i18n) const AR: CertificateTexts = CertificateTexts {
        title: "تسجيل شهادة",
        hint: "كما طُبع في شهادة المعايرة. تسري على الاستلامات من الآن فصاعدًا.",
        number: "رقم الشهادة",
        laboratory: "المختبر",
        calibrated: "تاريخ المعايرة",
        due: "تاريخ الانتهاء",
        due_hint: "لا تسري ابتداءً من هذا اليوم.",
        due_early: "يجب أن يكون الانتهاء بعد المعايرة.",
        as_found: "كيف وُجد المسجّل قبل أي ضبط؟",
        within: "ضمن تفاوته المسموح",
        out_of: "خارج التفاوت: ما قاسه منذ المعايرة السابقة موضع شك",
        uncertainty: "الارتياب الموسّع \u{2066}(k = 2)\u{2069}",
        offset: "التصحيح",
        offset_hint: "يُضاف إلى كل درجة حرارة له من الآن فصاعدًا. فارغ: كما كان.",
        accuracy: "أكبر خطأ مسموح",
        reason_hint: "يُطلب عند تغيّر مقدار التصحيح.",
        record: "توقيع الشهادة",
        degrees_bad: "اكتب درجات مئوية مثل \u{2066}0.2\u{2069} أو \u{2066}-0.1\u{2069}.",
    };
}

pub(super) mod founding {
    use super::FoundingTexts;

    pub(in crate::i18n) const EN: FoundingTexts = FoundingTexts {
        name: "Name of your organisation",
        hint: "It is founded with this step. The name stands on every record and is never changed.",
    };
    pub(in crate::i18n) const FR: FoundingTexts = FoundingTexts {
        name: "Nom de votre organisation",
        hint: "Elle est fondée avec cette étape. Le nom figure sur chaque dossier et ne change jamais.",
    };
    pub(in crate::i18n) const ES: FoundingTexts = FoundingTexts {
        name: "Nombre de su organización",
        hint: "Se funda con este paso. El nombre consta en cada registro y no cambia nunca.",
    };
    pub(in crate::i18n) const PT: FoundingTexts = FoundingTexts {
        name: "Nome da sua organização",
        hint: "É fundada com este passo. O nome consta de cada registo e nunca muda.",
    };
    pub(in crate::i18n) const AR: FoundingTexts = FoundingTexts {
        name: "اسم مؤسستك",
        hint: "تُؤسَّس بهذه الخطوة. ويظهر الاسم في كل سجل ولا يتغيّر أبدًا.",
    };
}

pub(super) mod file {
    use super::FileTexts;

    pub(in crate::i18n) const EN: FileTexts = FileTexts {
        family: "Logger read by its file",
        read: "Read the file of {logger}",
        choose: "The logger’s own file",
        zone: "Time zone of the file",
        zone_hint: "For local times in the file that name none: a place such as Europe/Paris, or an offset such as +01:00.",
        submit: "Read the file in",
        none: "Choose a file.",
        unread: "This file cannot be read, or is too large for a logger’s.",
        taken: "{file}: {readings}, new values sealed: {sealed}",
        skipped: "Lines that give no reading: {lines}",
        bad: "This is no file of a logger that can be read here without guessing.",
        bad_next: "Choose the file as the logger or its app wrote it. Nothing was changed.",
        time: "Its times cannot be placed without guessing.",
        time_next: "Give the time zone in which the logger’s clock stood. Nothing was changed.",
    };
    pub(in crate::i18n) const FR: FileTexts = FileTexts {
        family: "Enregistreur lu par son fichier",
        read: "Lire le fichier de {logger}",
        choose: "Le fichier de l’enregistreur",
        zone: "Fuseau horaire du fichier",
        zone_hint: "Pour les heures locales du fichier qui n’en nomment pas : un lieu comme \u{2066}Europe/Paris\u{2069}, ou un décalage comme \u{2066}+01:00\u{2069}.",
        submit: "Lire le fichier",
        none: "Choisissez un fichier.",
        unread: "Ce fichier est illisible, ou trop grand pour celui d’un enregistreur.",
        taken: "{file} : {readings}, nouvelles valeurs scellées : {sealed}",
        skipped: "Lignes sans mesure : {lines}",
        bad: "Ce n’est pas un fichier d’enregistreur que l’on puisse lire ici sans deviner.",
        bad_next: "Choisissez le fichier tel que l’enregistreur ou son application l’a écrit. Rien n’a été modifié.",
        time: "Ses heures ne peuvent être situées sans deviner.",
        time_next: "Donnez le fuseau horaire où se trouvait l’horloge de l’enregistreur. Rien n’a été modifié.",
    };
    pub(in crate::i18n) const ES: FileTexts = FileTexts {
        family: "Registrador leído por su archivo",
        read: "Leer el archivo de {logger}",
        choose: "El archivo del registrador",
        zone: "Zona horaria del archivo",
        zone_hint: "Para horas locales del archivo que no la indiquen: un lugar como Europe/Paris o un desfase como +01:00.",
        submit: "Leer el archivo",
        none: "Elija un archivo.",
        unread: "Este archivo no se puede leer o es demasiado grande para un registrador.",
        taken: "{file}: {readings}, valores nuevos sellados: {sealed}",
        skipped: "Líneas sin lectura: {lines}",
        bad: "No es un archivo de un registrador que pueda leerse aquí sin adivinar.",
        bad_next: "Elija el archivo tal como lo escribió el registrador o su aplicación. No se cambió nada.",
        time: "Sus horas no pueden situarse sin adivinar.",
        time_next: "Indique la zona horaria del reloj del registrador. No se cambió nada.",
    };
    pub(in crate::i18n) const PT: FileTexts = FileTexts {
        family: "Registador lido pelo seu ficheiro",
        read: "Ler o ficheiro de {logger}",
        choose: "O ficheiro do registador",
        zone: "Fuso horário do ficheiro",
        zone_hint: "Para horas locais do ficheiro que não o indiquem: um lugar como Europe/Paris ou um desvio como +01:00.",
        submit: "Ler o ficheiro",
        none: "Escolha um ficheiro.",
        unread: "Este ficheiro não se pode ler ou é demasiado grande para um registador.",
        taken: "{file}: {readings}, valores novos selados: {sealed}",
        skipped: "Linhas sem leitura: {lines}",
        bad: "Não é um ficheiro de um registador que se possa ler aqui sem adivinhar.",
        bad_next: "Escolha o ficheiro tal como o registador ou a sua aplicação o escreveu. Nada foi alterado.",
        time: "As suas horas não se podem situar sem adivinhar.",
        time_next: "Indique o fuso horário do relógio do registador. Nada foi alterado.",
    };
    pub(in crate::i18n) const AR: FileTexts = FileTexts {
        family: "مسجّل يُقرأ من ملفه",
        read: "قراءة ملف {logger}",
        choose: "ملف المسجّل نفسه",
        zone: "المنطقة الزمنية للملف",
        zone_hint: "للأوقات المحلية في الملف التي لا تذكرها: مكان مثل \u{2066}Europe/Paris\u{2069} أو فارق مثل \u{2066}+01:00\u{2069}.",
        submit: "قراءة الملف",
        none: "اختر ملفًا.",
        unread: "لا يمكن قراءة هذا الملف أو أنه أكبر من ملف مسجّل.",
        taken: "{file}: {readings}، قيم جديدة مختومة: {sealed}",
        skipped: "أسطر بلا قراءة: {lines}",
        bad: "ليس ملف مسجّل يمكن قراءته هنا دون تخمين.",
        bad_next: "اختر الملف كما كتبه المسجّل أو تطبيقه. لم يتغيّر شيء.",
        time: "لا يمكن تحديد أوقاته دون تخمين.",
        time_next: "اذكر المنطقة الزمنية لساعة المسجّل. لم يتغيّر شيء.",
    };
}
