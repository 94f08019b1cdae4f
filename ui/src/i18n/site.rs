//! The words for what a device and an organisation set: positions and certificates, in every language.

group! {
    /// The recording of positions.
    PositionTexts { title, record, hint, without, not_found }
}

group! {
    /// The form for a logger's certificate.
    CertificateTexts {
        title, hint, number, laboratory, calibrated, due, due_hint, due_early, as_found, within, out_of, uncertainty,
        offset, offset_hint, accuracy, record, degrees_bad,
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
        record: "توقيع الشهادة",
        degrees_bad: "اكتب درجات مئوية مثل \u{2066}0.2\u{2069} أو \u{2066}-0.1\u{2069}.",
    };
}
